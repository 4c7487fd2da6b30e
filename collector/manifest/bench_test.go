package manifest_test

import (
	"fmt"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"leastwise/collector/manifest"
)

// BenchmarkRead200 reads 200 files: 40 pipelines of five copies each, with a dataset
// for each of them and what else a data factory has.
func BenchmarkRead200(b *testing.B) {
	var files []txtar.File
	add := func(name, text string) {
		files = append(files, txtar.File{Name: "adf/" + name, Data: []byte(text)})
	}
	add("linkedService/M365.json", `{"name":"M365","properties":{"type":"Office365","typeProperties":{"office365TenantId":"aaaaaaaa-0000-0000-0000-000000000001","servicePrincipalTenantId":"aaaaaaaa-0000-0000-0000-000000000002","servicePrincipalId":"aaaaaaaa-0000-0000-0000-000000000003"}}}`)
	add("linkedService/Lake.json", `{"name":"Lake","properties":{"type":"AzureBlobFS","typeProperties":{"url":"https://one.dfs.core.windows.net"}}}`)
	columns := ""
	for i := range 40 {
		columns += fmt.Sprintf(",\n            {\n              \"name\": \"Column%d\"\n            }", i)
	}
	for i := 0; len(files) < 160; i++ {
		add(fmt.Sprintf("dataset/T%d.json", i), fmt.Sprintf(`{"name":"T%d","properties":{"type":"Office365Table","linkedServiceName":{"referenceName":"M365"},"typeProperties":{"tableName":"BasicDataSet_v0.Message_v1"}}}`, i))
		add(fmt.Sprintf("dataset/O%d.json", i), fmt.Sprintf(`{"name":"O%d","properties":{"type":"Binary","linkedServiceName":{"referenceName":"Lake"},"parameters":{"day":{"type":"string"}},"typeProperties":{"location":{"fileSystem":"box","folderPath":"@concat('a/', dataset().day)"}}}}`, i))
	}
	for i := range 40 {
		activities := ""
		for k := range 5 {
			if k > 0 {
				activities += ","
			}
			activities += fmt.Sprintf(`{"name":"c%d","type":"Copy","inputs":[{"referenceName":"T%d"}],"outputs":[{"referenceName":"O%d","parameters":{"day":"@utcnow()"}}],
          "typeProperties":{"source":{"type":"Office365Source","allowedGroups":"@pipeline().parameters.groups","outputColumns":[{"name":"Id"}%s]}}}`, k, i, i, columns)
		}
		add(fmt.Sprintf("pipeline/P%d.json", i), fmt.Sprintf(`{"name":"P%d","properties":{"parameters":{"groups":{"type":"array","defaultValue":["cccccccc-0000-0000-0000-000000000001"]}},"activities":[%s]}}`, i, activities))
	}
	if len(files) != 200 {
		b.Fatalf("%d files", len(files))
	}
	dir := unpack(b, files)
	for b.Loop() {
		got := collect(b, manifest.Options{Paths: []string{dir}, Tenant: "11111111-1111-1111-1111-111111111111"})
		if len(got.rows) != 200 {
			b.Fatalf("got %d rows, %v %s", len(got.rows), got.err, got.dataset.Reason)
		}
	}
}
