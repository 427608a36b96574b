// Renders a chart as Helm does, with the engine and the functions that Helm uses: text/template and sprig.
// render CHART < overrides.json: every template with values.yaml and the overrides, to standard output.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"gopkg.in/yaml.v3"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func toYaml(value interface{}) (string, error) {
	text, err := yaml.Marshal(value)
	return strings.TrimSuffix(string(text), "\n"), err
}

// merge lays the overrides over the values, map by map; null removes a value.
func merge(values, overrides map[string]interface{}) {
	for name, wanted := range overrides {
		inner, isMap := wanted.(map[string]interface{})
		if own, both := values[name].(map[string]interface{}); isMap && both {
			merge(own, inner)
		} else if wanted == nil {
			delete(values, name)
		} else {
			values[name] = wanted
		}
	}
}

func main() {
	chart := os.Args[1]
	read := func(name string, into interface{}) {
		text, err := os.ReadFile(filepath.Join(chart, name))
		check(err)
		check(yaml.Unmarshal(text, into))
	}
	values, about := map[string]interface{}{}, map[string]interface{}{}
	read("values.yaml", &values)
	read("Chart.yaml", &about)
	overrides := map[string]interface{}{}
	check(json.NewDecoder(os.Stdin).Decode(&overrides))
	merge(values, overrides)
	about["Name"], about["Version"], about["AppVersion"] = about["name"], about["version"], about["appVersion"]

	names, err := filepath.Glob(filepath.Join(chart, "templates", "*"))
	check(err)
	functions := sprig.TxtFuncMap()
	functions["toYaml"] = toYaml
	all := template.New("chart").Funcs(functions).Option("missingkey=zero")
	functions["include"] = func(name string, data interface{}) (string, error) {
		var text bytes.Buffer
		err := all.ExecuteTemplate(&text, name, data)
		return text.String(), err
	}
	functions["required"] = func(message string, value interface{}) (interface{}, error) {
		if value == nil || value == "" {
			return nil, fmt.Errorf("%s", message)
		}
		return value, nil
	}
	all.Funcs(functions)
	for _, name := range names {
		text, err := os.ReadFile(name)
		check(err)
		_, err = all.New(filepath.Base(name)).Parse(string(text))
		check(err)
	}
	release := map[string]interface{}{"Name": "mail", "Namespace": "post", "Service": "Helm"}
	for _, name := range names {
		if base := filepath.Base(name); !strings.HasPrefix(base, "_") && strings.HasSuffix(base, ".yaml") {
			fmt.Println("---")
			check(all.ExecuteTemplate(os.Stdout, base, map[string]interface{}{
				"Values": values, "Release": release, "Chart": about,
			}))
		}
	}
}
