package policies.lib.office_clients_test

import data.policies.lib.office_clients

# By what the pages call them.
documented := {
	"Outlook on the web (Exchange Online)": "00000002-0000-0ff1-ce00-000000000000",
	"Office on the web (SharePoint)": "08e18876-6177-487e-b8b5-cf950c1e598c",
	"Microsoft 365 desktop": "0ec893e0-5785-4de6-99da-4ed124e5296c",
	"Teams desktop and mobile": "1fec8e78-bce4-4aaf-ab1b-5451cc387264",
	"Outlook mobile": "27922004-5251-4030-b22d-91ecd9a37ea4",
	"Microsoft 365 web, suite": "4345a7b9-9a63-4910-a426-35363201d503",
	"Microsoft 365 web": "4765445b-32c6-49b0-83e6-1d93765276ca",
	"Office on the web, older": "57fb890c-0dab-4253-a5e0-7188c88b2bb4",
	"Teams web": "5e3ce6c0-2b1f-4285-8d4b-75ee78787346",
	"Office on the web": "93d53678-613d-4013-afc1-62e9e444a0a5",
	"Outlook on the web": "bc59ab01-8403-45c6-8796-ac3ef710b3e3",
	"Outlook and Office desktop": "d3590ed6-52b3-4102-aeff-aad2292ab01c",
	"all of Office": "ea5a67f6-b6f3-4338-b240-c655ddc3cc8e",
}

test_ids if office_clients.ids == {id | some id in documented}
