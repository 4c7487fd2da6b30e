package reports

import (
	"fmt"
	"reflect"

	"github.com/xuri/excelize/v2"
)

// colour lays conditional formats over the columns of a sheet. They hold constants of
// this program only: no text of a tenant reaches a formula.
func (b *book) colour(sheet string, columns []*pageColumn) error {
	for i, c := range columns {
		name, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return err
		}
		rules := b.rules(c.look, name+"2")
		if len(rules) == 0 {
			continue
		}
		if err := b.file.SetConditionalFormat(sheet, fmt.Sprintf("%s2:%s%d", name, name, maxRows), rules); err != nil {
			return err
		}
	}
	b.barsFromNothing()
	return nil
}

// barsFromNothing lets the bar of a zero be next to nothing, and that of the largest number fill its cell: left
// out, which is all that excelize has an option for, they are a tenth and nine tenths.
func (b *book) barsFromNothing() {
	b.file.Sheet.Range(func(_, sheet any) bool {
		formats := reflect.ValueOf(sheet).Elem().FieldByName("ConditionalFormatting")
		for i := range formats.Len() {
			rules := formats.Index(i).Elem().FieldByName("CfRule")
			for j := range rules.Len() {
				if bar := rules.Index(j).Elem().FieldByName("DataBar"); !bar.IsNil() {
					bar.Elem().FieldByName("MinLength").SetInt(1)
					bar.Elem().FieldByName("MaxLength").SetInt(100)
				}
			}
		}
		return true
	})
}

// rules are the conditional formats of a look; first is the uppermost cell they cover.
func (b *book) rules(l look, first string) []excelize.ConditionalFormatOptions {
	switch l {
	case word:
		return wordRules(b.styles.words)
	case mark:
		return wordRules(b.styles.marks)
	case expiry:
		return []excelize.ConditionalFormatOptions{
			b.rule(fmt.Sprintf("AND(ISNUMBER(%s),%s<=%f)", first, first, serial(b.report.AsOf)), &b.styles.past),
		}
	case amount:
		return []excelize.ConditionalFormatOptions{{
			Type: "data_bar", Criteria: "=", MinType: "num", MinValue: "0", MaxType: "max", BarColor: "#9DC3E6",
		}}
	case left:
		return []excelize.ConditionalFormatOptions{b.rule(fmt.Sprintf("AND(ISNUMBER(%s),%s<=0)", first, first), &b.styles.past)}
	case days:
		rules := []excelize.ConditionalFormatOptions{b.rule(fmt.Sprintf("AND(ISNUMBER(%s),%s<=0)", first, first), &b.styles.past)}
		if soon, ok := warningDays(b.report.Thresholds); ok {
			rules = append(rules, b.rule(fmt.Sprintf("AND(ISNUMBER(%s),%s<=%d)", first, first, soon), &b.styles.soon))
		}
		return rules
	}
	return nil
}

func wordRules(words []colouredWord) []excelize.ConditionalFormatOptions {
	rules := make([]excelize.ConditionalFormatOptions, 0, len(words))
	for _, w := range words {
		rules = append(rules, excelize.ConditionalFormatOptions{Type: "cell", Criteria: "==", Value: fmt.Sprintf("%q", w.word), Format: &w.style})
	}
	return rules
}

func (b *book) rule(formula string, style *int) excelize.ConditionalFormatOptions {
	return excelize.ConditionalFormatOptions{Type: "formula", Criteria: formula, Format: style, StopIfTrue: true}
}

// warningDays is the threshold below which few days are left, as the report was made
// with; false when it names none.
func warningDays(thresholds map[string]any) (int, bool) {
	value, ok := thresholds["approval_warning_days"].(float64) // what JSON makes of a number
	return int(value), ok
}
