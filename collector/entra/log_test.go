package entra_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"leastwise/collector/entra"
	"leastwise/collector/graphapi"
	"leastwise/collector/internal/fakegraph"
	"leastwise/collector/snapshot"
)

// Neither tokens nor secrets are told, however much is logged and whatever fails.
func TestNothingSecretIsTold(t *testing.T) {
	g, token := tenant(t), fakegraph.Token(reader())
	g.On(apps, fakegraph.Value(`{"id":"app1","appId":"x","owners":null,"passwordCredentials":[{"keyId":"k","hint":"hunter2","secretText":"hunter2"}]}`))
	g.On(apps+"/app1/owners", failure(400, "BadRequest", "your token is "+token))
	g.On(grants, fakegraph.Answer{Status: 429, Header: map[string]string{"Retry-After": "1"}}, failure(401, "InvalidAuthenticationToken", "Bearer "+token))
	g.On(signIns, fakegraph.Answer{Body: `{"value":[],"@odata.nextLink":"https://graph.example/x?token=` + token + `"}`})
	g.Spoil(fakegraph.Spoil{Outer: fakegraph.Answer{Body: "<html>" + token}})
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s := collect(t, g, reader(), collecting{
		source: func(o *entra.Options) { o.Logger = logger }, client: func(o *graphapi.Options) { o.Logger = logger },
	})
	expect(t, s, snapshot.ApplicationOwners, snapshot.Failed, 0, "your token is [token]")
	manifest, err := json.Marshal(s.Manifest)
	if err != nil {
		t.Fatal(err)
	}
	text := log.String() + string(manifest)
	for _, name := range entra.Datasets() {
		text += strings.Join(fakegraph.Rows(t, s, name), "")
	}
	for _, secret := range []string{token, strings.Split(token, ".")[1], "hunter2"} {
		if strings.Contains(text, secret) {
			t.Errorf("%.20s… is told", secret)
		}
	}
}
