package main

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"

	"leastwise/collector/identity"
)

// credential says how to sign in. Secrets never stand in it, but where they are.
type credential struct {
	Kind        string `yaml:"kind"`
	ClientID    string `yaml:"client_id"`
	Certificate string `yaml:"certificate"` // PEM or PFX file
	Key         string `yaml:"key"`
	Algorithm   string `yaml:"algorithm"`
	// The password of a PFX file.
	PasswordFile string `yaml:"password_file"`
	PasswordEnv  string `yaml:"password_env"`
	SecretFile   string `yaml:"secret_file"`
	SecretEnv    string `yaml:"secret_env"`
	TokenFile    string `yaml:"token_file"` // federated token of a workload
}

// credential says what to sign in to a source with, and what errors call it. The flag
// --credential holds for every source.
func (c *collecting) credential(source string) (credential, string) {
	app, person := c.config.Credential, c.config.DelegatedCredential
	switch kind := c.credentialKind; kind {
	case "":
		// Container types have no app-only listing, so this source has an identity of
		// its own. Without one the app-only identity reads what it may.
		if source == sourceSharePoint && person.Kind != "" {
			return person, "delegated_credential"
		}
		return app, "credential"
	case app.Kind:
		return app, "credential"
	case person.Kind:
		return person, "delegated_credential"
	default:
		return borrowed(kind, app, person), "--credential " + kind
	}
}

// borrowed makes a credential of a kind that the configuration does not have, of what
// it says for others.
func borrowed(kind string, app, person credential) credential {
	from := app
	if person.ClientID != "" && slices.Contains([]string{identity.KindDeviceCode, identity.KindBrowser}, kind) {
		from = person
	}
	if kind == identity.KindManaged && from.Kind != "" {
		from.ClientID = "" // that of an app registration is no managed identity's
	}
	from.Kind = kind
	return from
}

// signIn makes what identity needs of a credential: it reads secrets and the variables
// that the kinds environment and workload are about.
func (l *live) signIn(from credential, key string) (identity.Credential, error) {
	c := l.run.config
	made := identity.Credential{
		Kind: from.Kind, ClientID: from.ClientID, CertificateFile: c.file(from.Certificate), KeyFile: c.file(from.Key),
		Algorithm: from.Algorithm, TokenFile: c.file(from.TokenFile), Prompt: l.prompt,
	}
	var err error
	switch from.Kind {
	case identity.KindCertificate:
		made.Password, err = l.secret("password", from.PasswordFile, from.PasswordEnv)
	case identity.KindSecret:
		made.Secret, err = l.secret("secret", from.SecretFile, from.SecretEnv)
	case identity.KindEnvironment:
		err = l.fromEnvironment(&made)
	case identity.KindWorkload:
		made.ClientID = cmp.Or(made.ClientID, l.program.env("AZURE_CLIENT_ID"))
		made.TokenFile = cmp.Or(made.TokenFile, l.program.env("AZURE_FEDERATED_TOKEN_FILE"))
		err = l.sameAuthority()
	case identity.KindAzureCLI:
		made.ClientID = ""
	}
	if err == nil {
		err = missing(from, made)
	}
	if err != nil {
		return made, fmt.Errorf("%s: %w", key, err)
	}
	return made, nil
}

// fromEnvironment reads the variables that Azure's own tools read
// (https://learn.microsoft.com/azure/developer/go/sdk/authentication/authentication-overview).
// The tenant is the one that is audited, whatever AZURE_TENANT_ID says.
func (l *live) fromEnvironment(made *identity.Credential) error {
	env := l.program.env
	*made = identity.Credential{
		Kind: made.Kind, Algorithm: made.Algorithm, ClientID: cmp.Or(env("AZURE_CLIENT_ID"), made.ClientID),
		Secret: env("AZURE_CLIENT_SECRET"), CertificateFile: env("AZURE_CLIENT_CERTIFICATE_PATH"),
		Password: env("AZURE_CLIENT_CERTIFICATE_PASSWORD"),
	}
	switch {
	case made.ClientID == "":
		return errors.New("AZURE_CLIENT_ID is not set; hint: set it, and AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH")
	case made.Secret == "" && made.CertificateFile == "" && env("AZURE_USERNAME") != "":
		return errors.New("AZURE_USERNAME and a password are not taken; hint: a person signs in with device-code or browser")
	case made.Secret == "" && made.CertificateFile == "":
		return errors.New("neither AZURE_CLIENT_SECRET nor AZURE_CLIENT_CERTIFICATE_PATH is set; hint: set one of them")
	}
	return l.sameAuthority()
}

// sameAuthority makes sure that the environment's credential is not sent to another
// cloud than it is for.
func (l *live) sameAuthority() error {
	host := l.program.env("AZURE_AUTHORITY_HOST")
	if host == "" || l.cloud.IsAuthority(host) {
		return nil
	}
	return fmt.Errorf("AZURE_AUTHORITY_HOST is %s, but cloud %s signs in at %s; hint: set cloud in the configuration, or unset the variable",
		host, l.cloud.Name, l.cloud.Login)
}

// missing names what a kind of credential cannot do without.
func missing(from credential, made identity.Credential) error {
	var lacks []string
	need := func(there bool, what string) {
		if !there {
			lacks = append(lacks, what)
		}
	}
	if slices.Contains(identity.Kinds(), from.Kind) && from.Kind != identity.KindManaged && from.Kind != identity.KindAzureCLI {
		need(made.ClientID != "", "client_id")
	}
	switch from.Kind {
	case identity.KindCertificate:
		need(from.Certificate != "", "certificate")
	case identity.KindSecret:
		need(from.SecretFile != "" || from.SecretEnv != "", "secret_file or secret_env")
	case identity.KindWorkload:
		need(made.TokenFile != "", "token_file, or the variable AZURE_FEDERATED_TOKEN_FILE")
	}
	if len(lacks) == 0 {
		return nil
	}
	return fmt.Errorf("kind %s lacks %s; hint: add it to credential in the configuration, which --config names",
		from.Kind, strings.Join(lacks, " and "))
}

// secret reads a secret from where the configuration says it is; "" when it does not.
func (l *live) secret(name, file, variable string) (string, error) {
	switch {
	case file != "" && variable != "":
		return "", fmt.Errorf("%s_file and %s_env are both given; hint: keep one of them", name, name)
	case file != "":
		data, err := os.ReadFile(l.run.config.file(file))
		if err != nil {
			return "", fmt.Errorf("read %s: %w; hint: %s_file names a file that holds nothing but the %s", name, err, name, name)
		}
		return strings.TrimRight(string(data), "\r\n"), nil
	case variable != "":
		secret := l.program.env(variable)
		if secret == "" {
			return "", fmt.Errorf("read %s: the environment variable %s is empty; hint: set it, or use %s_file", name, variable, name)
		}
		return secret, nil
	default:
		return "", nil
	}
}

// cloudName is the cloud's name in the configuration, or the default.
func (c *config) cloudName() string { return cmp.Or(c.Cloud, "global") }

// connect finds a cloud and makes the HTTP client for it.
func (c *config) connect(name string) (cloud identity.Cloud, client *http.Client, err error) {
	var ca []byte
	if name == identity.CustomName {
		cloud, err = identity.CustomCloud(c.CustomCloud.Login, c.CustomCloud.Graph, c.CustomCloud.Management)
		if err == nil && c.CustomCloud.CAFile != "" {
			ca, err = os.ReadFile(c.file(c.CustomCloud.CAFile))
		}
	} else {
		cloud, err = identity.FindCloud(name)
	}
	if err != nil {
		return cloud, nil, withHint(fmt.Errorf("cloud %s: %w", name, err), "check cloud and custom_cloud in "+cmp.Or(c.path, "the configuration, which --config names"))
	}
	client, err = identity.NewHTTPClient(identity.HTTPOptions{CA: ca, Proxy: http.ProxyFromEnvironment})
	return cloud, client, err
}

func (o *collectOptions) checkCredential() error {
	switch {
	case o.credential == "":
		return nil
	case !slices.Contains(identity.Kinds(), o.credential):
		return fmt.Errorf("unknown kind of credential %q; hint: one of %s", o.credential, strings.Join(identity.Kinds(), ", "))
	case o.from != "":
		return errors.New("--credential and --from exclude each other; hint: saved responses need no sign-in")
	}
	return nil
}
