# METADATA
# title: Clients of Microsoft 365
# scope: package
package policies.lib.office_clients

# METADATA
# description: >-
#   Application ids of the clients of Microsoft 365 - Teams, Office, Outlook and SharePoint, on the desktop, on phones
#   and on the web - which an add-in or a Teams tab pre-authorises so that its users are signed in
#   (https://learn.microsoft.com/microsoftteams/platform/m365-apps/extend-m365-teams-personal-tab,
#   https://learn.microsoft.com/office/dev/add-ins/develop/register-sso-add-in-aad-v2).
ids := {
	"00000002-0000-0ff1-ce00-000000000000", "08e18876-6177-487e-b8b5-cf950c1e598c",
	"0ec893e0-5785-4de6-99da-4ed124e5296c", "1fec8e78-bce4-4aaf-ab1b-5451cc387264",
	"27922004-5251-4030-b22d-91ecd9a37ea4", "4345a7b9-9a63-4910-a426-35363201d503",
	"4765445b-32c6-49b0-83e6-1d93765276ca", "57fb890c-0dab-4253-a5e0-7188c88b2bb4",
	"5e3ce6c0-2b1f-4285-8d4b-75ee78787346", "93d53678-613d-4013-afc1-62e9e444a0a5",
	"bc59ab01-8403-45c6-8796-ac3ef710b3e3", "d3590ed6-52b3-4102-aeff-aad2292ab01c",
	"ea5a67f6-b6f3-4338-b240-c655ddc3cc8e",
}
