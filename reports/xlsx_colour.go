package reports

import (
	"fmt"

	"github.com/xuri/excelize/v2"
)

// colour lays conditional formats over the columns of a sheet. They hold constants of
// this program only: no text of a tenant reaches a formula.
func (b *book) colour(sheet string, columns []pageColumn) error {
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
	return nil
}

// rules are the conditional formats of a look; first is the uppermost cell they cover.
func (b *book) rules(l look, first string) []excelize.ConditionalFormatOptions {
	switch l {
	case word:
		var rules []excelize.ConditionalFormatOptions
		for _, w := range b.styles.words {
			rules = append(rules, excelize.ConditionalFormatOptions{
				Type: "cell", Criteria: "==", Value: fmt.Sprintf("%q", w.word), Format: &w.style,
			})
		}
		return rules
	case expiry:
		return []excelize.ConditionalFormatOptions{
			b.rule(fmt.Sprintf("AND(ISNUMBER(%s),%s<=%f)", first, first, serial(b.report.AsOf)), &b.styles.past),
		}
	case days:
		rules := []excelize.ConditionalFormatOptions{b.rule(fmt.Sprintf("AND(ISNUMBER(%s),%s<=0)", first, first), &b.styles.past)}
		if soon, ok := warningDays(b.report.Thresholds); ok {
			rules = append(rules, b.rule(fmt.Sprintf("AND(ISNUMBER(%s),%s<=%d)", first, first, soon), &b.styles.soon))
		}
		return rules
	}
	return nil
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
