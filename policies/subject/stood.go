package subject

// addStood says of each grant for how many days of the look-back it stood. That a grant of yesterday
// shows no call says nothing.
func addStood(app *Application) {
	if app.Activity == nil {
		return
	}
	for i := range app.Grants {
		g := &app.Grants[i]
		least, most := g.GrantedDays, g.GrantedDays
		if least == nil {
			least, most = g.StandingDays, app.AgeDays
		}
		g.StoodLeast, g.StoodMost = stood(app.Activity, least), stood(app.Activity, most)
	}
}

// stood cuts the days since something began down to those within the look-back. All that began before
// it share one number.
func stood(a *Activity, days *int) *int {
	switch {
	case days == nil:
		return nil
	case *days-a.Ago >= a.Days:
		return &a.Days
	}
	within := max(*days-a.Ago, 0)
	return &within
}
