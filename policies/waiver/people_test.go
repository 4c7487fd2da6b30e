package waiver

import "testing"

func TestSamePerson(t *testing.T) {
	same := [][2]string{
		{"ann@contoso.com", "ann@contoso.com"},
		{"Ann@Contoso.com", " ann@contoso.com "},
		{"ann@contoso.com", "ann\u200b@contoso.com"},
		{"ann@contoso.com", "Ann Lee <ann@contoso.com>"},
		{"ann@contoso.com", "mailto:ann@contoso.com"},
		{"ann@contoso.com", "ann@contoso.com (Ann Lee)"},
		{"ann@contoso.com", "ann_contoso.com#EXT#@fabrikam.onmicrosoft.com"},
		{"ann_lee@contoso.com", "ann_lee_contoso.com#ext#@fabrikam.onmicrosoft.com"},
		{"ann@contoso.com", "ann+audit@contoso.com"},
		{"ann@contoso.com", "ann@contoso.onmicrosoft.com"},
		{"Ann Lee", "ann  LEE"},
		{"Ann Lee", "Lee, Ann"},
		{"Ann Lee", "Ann Lee <ann@contoso.com>"},
		{"ann", "ann@contoso.com"},
		{`CONTOSO\ann`, "ann@contoso.com"},
		{"5f3c0b1e-0000-4000-8000-00000000abcd", "{5F3C0B1E-0000-4000-8000-00000000ABCD}"},
		{"bob@contoso.com, ann@contoso.com", "ann@contoso.com"},
		{"ann@contoso.com; bob@contoso.com", "ann@contoso.com"},
		{"bob@contoso.com and ann@contoso.com", "ann@contoso.com"},
		{"Bob and Ann", "Ann"},
		{"\u0430nn@contoso.com", "ann@contoso.com"}, // Cyrillic
		{"\u1d00nn@contoso.com", "\u1d00nn@contoso.com"},
		{"\uff41nn@contoso.com", "ann@contoso.com"}, // full width
		{"ann\uff20contoso.com", "ann@contoso.com"},
		{"\u017fam@contoso.com", "sam@contoso.com"}, // long s
		{"\u212aim@contoso.com", "kim@contoso.com"}, // Kelvin
		{"jos\u00e9@contoso.com", "jose\u0301@contoso.com"},
		{"a\u034fnn@contoso.com", "ann@contoso.com"},
		{"ann\ufe0f@contoso.com", "ann@contoso.com"},
		{"a\u3164nn@contoso.com", "ann@contoso.com"},
		{"Ann\u2010Marie Lee", "Ann-Marie Lee"},
		{"SMTP:ann@contoso.com", "ann@contoso.com"},
		{"sip:ann@contoso.com", "ann@contoso.com"},
		{"upn:ann@contoso.com", "Ann <ann@contoso.com>"},
		{"i:0#.f|membership|ann@contoso.com", "ann@contoso.com"},
		{"ann @contoso.com", "ann@contoso.com"},
		{"\"ann\"@contoso.com", "ann@contoso.com"},
		{"'ann@contoso.com'", "ann@contoso.com"},
		{"<x> <ann@contoso.com>", "ann@contoso.com"},
		{"ann%40contoso.com", "ann@contoso.com"},
		{"ann@contoso.com <bob@contoso.com>", "ann@contoso.com"},
		{"ann.lee@contoso.com", "Ann Lee"},
		{"Ann Lee", "Ann Lee (risk owner)"},
		{"Ann Lee", "Dr. Ann Lee"},
		{"Ms Ann Lee", "Prof. Ann Lee"},
		{"ann@m\u00fcnchen.de", "ann@xn--mnchen-3ya.de"},
	}
	for _, c := range same {
		if !samePerson(c[0], c[1]) || !samePerson(c[1], c[0]) {
			t.Errorf("%q and %q are one person, and were told apart", c[0], c[1])
		}
	}
	for _, c := range [][2]string{
		{"ann@contoso.com", "bob@contoso.com"},
		{"ann@contoso.com", "ann@fabrikam.com"},
		{"ann@contoso.com", "ann@fabrikam.onmicrosoft.com"},
		{"ann@contoso.com", "Ann Lee <bob@contoso.com>"},
		{"Ann Lee", "Ann Li"},
		{"ann@contoso.com", "ciso"},
		{"Ann Lee", "bob@contoso.com"},
		{"Security board", "Ann Lee <ann@contoso.com>"},
		{"Ann Lee (risk owner)", "Bob Ray (risk owner)"},
		{"Ann Lee <ann@contoso.com>", "Ann Ray <ann.ray@contoso.com>"},
		{"ann.lee@contoso.com", "bob.lee@contoso.com"},
		{"ann.lee@contoso.com", "Bob Lee"},
		{"SMTP:ann@contoso.com", "SMTP:bob@contoso.com"},
		{"5f3c0b1e-0000-4000-8000-00000000abcd", "5f3c0b1e-0000-4000-8000-00000000abce"},
		{"\u0438\u0432\u0430\u043d@contoso.com", "ann@contoso.com"},
		{"Ann O'Brien", "Bob O'Brien"},
		{"ann_contoso.com#EXT#@x.onmicrosoft.com", "bob_contoso.com#EXT#@x.onmicrosoft.com"},
	} {
		if samePerson(c[0], c[1]) || samePerson(c[1], c[0]) {
			t.Errorf("%q and %q are two people, and were taken for one", c[0], c[1])
		}
	}
}

// What mixes scripts only looks like somebody else; what is one script is a name like others.
func TestMixed(t *testing.T) {
	for text, want := range map[string]bool{
		"ann@contoso.com": false, "jos\u00e9@contoso.com": false, "\u00d8yvind S\u00f8rli": false, "\u0438\u0432\u0430\u043d@contoso.com": false,
		"ann@\u043f\u043e\u0447\u0442\u0430.ru": false, "\u674e\u5a1c": false, "Ann (\u674e\u5a1c)": false,
		"\u0430nn@contoso.com": true, "\u1d00nn@contoso.com": true, "Ann L\u0435\u0435": true, "bob \u0251nn@contoso.com": true,
	} {
		if got := mixed(text); got != want {
			t.Errorf("mixed(%q) = %v, want %v", text, got, want)
		}
	}
}
