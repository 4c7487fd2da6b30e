package subject

import "testing"

func TestStood(t *testing.T) {
	days := func(n int) *int { return &n }
	for name, test := range map[string]struct {
		grant       Grant
		age         *int
		least, most *int
	}{
		"before the look-back":         {Grant{GrantedDays: days(400)}, days(500), days(90), days(90)},
		"when it began":                {Grant{GrantedDays: days(97)}, days(500), days(90), days(90)},
		"a day later":                  {Grant{GrantedDays: days(96)}, days(500), days(89), days(89)},
		"after it ended":               {Grant{GrantedDays: days(3)}, days(500), days(0), days(0)},
		"no date":                      {Grant{}, days(500), nil, days(90)},
		"no date, young application":   {Grant{}, days(20), nil, days(13)},
		"no date, events tell of it":   {Grant{StandingDays: days(50)}, days(500), days(43), days(90)},
		"nothing known":                {Grant{}, nil, nil, nil},
		"a date says more than an age": {Grant{GrantedDays: days(50), StandingDays: days(80)}, days(60), days(43), days(43)},
	} {
		t.Run(name, func(t *testing.T) {
			app := &Application{Activity: &Activity{Days: 90, Ago: 7}, AgeDays: test.age, Grants: []Grant{test.grant}}
			addStood(app)
			same := func(got, want *int) bool { return (got == nil) == (want == nil) && (got == nil || *got == *want) }
			if g := app.Grants[0]; !same(g.StoodLeast, test.least) || !same(g.StoodMost, test.most) {
				t.Errorf("got %v and %v, want %v and %v", g.StoodLeast, g.StoodMost, test.least, test.most)
			}
		})
	}
	app := &Application{Grants: []Grant{{GrantedDays: days(400)}}}
	if addStood(app); app.Grants[0].StoodLeast != nil {
		t.Error("a grant stood without a look-back")
	}
}
