package policies.lib.reply_urls_test

import data.policies.lib.reply_urls

faults := object.union(addresses, others)

addresses := {
	"http://contoso.com/signin": "not_https",
	"HTTP://contoso.com": "not_https",
	"http://localhost.contoso.com/signin": "not_https",
	"http://127.0.0.1.contoso.com": "not_https",
	"http://localhost@contoso.com/": "not_https",
	"http://localhost:80@contoso.com/": "not_https",
	"http:/contoso.com": "not_https",
	" http://contoso.com": "not_https",
	"http://localhost\\@contoso.com": "not_https",
	"ws://localhost/": "not_https",
	"ftp://contoso.com": "not_https",
	"//contoso.com/signin": "not_https",
	"contoso.com/signin": "not_https",
	"": "not_https",
	"contoso.com:8080/cb": "not_https",
	"www.contoso.com:443": "not_https",
	"localhost:3000?x": "not_https",
}

others := {
	"javascript:alert(1)": "not_https",
	"VBScript:x": "not_https",
	"data:text/html,x": "not_https",
	"file:///c:/x": "not_https",
	"blob:https://contoso.com/x": "not_https",
	"about:blank": "not_https",
	"ftps://contoso.com": "not_https",
	"ldap://contoso.com": "not_https",
	"ldaps://contoso.com": "not_https",
	"gopher://contoso.com": "not_https",
	"tcp://contoso.com": "not_https",
	"https://%2a.contoso.com": "wildcard",
	"https://contoso.com/%2A": "wildcard",
	"https://*.contoso.com/signin": "wildcard",
	"https://contoso.com/*": "wildcard",
	"http://localhost:*/": "wildcard",
}

test_fault[address] if {
	some address, fault in faults
	reply_urls.fault(address) == fault
}

sound := [
	"https://contoso.com/signin",
	"HTTPS://CONTOSO.COM",
	" https://contoso.com ",
	"https://localhost.contoso.com",
	"wss://contoso.com",
	"http://localhost",
	"http://localhost:8080/signin",
	"http://LOCALHOST/",
	"http://127.0.0.1:3000?x",
	"http://[::1]:5000/",
	"msala1b2c3d4-0000-4000-8000-000000000001://auth",
	"urn:ietf:wg:oauth:2.0:oob",
	"httpclient://callback",
	"ftpclient://callback",
	"com.contoso.app+beta-1://callback",
	"com.contoso.app:/callback",
	"com.contoso.app:8080callback",
	"databox://callback",
	"fileviewer:/callback",
	"ms-appx-web://microsoft.aad.brokerplugin/a1b2",
]

test_sound[address] if {
	some address in sound
	not reply_urls.fault(address)
}
