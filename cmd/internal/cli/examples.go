package cli

import (
	"strings"

	"github.com/spf13/cobra"
)

// examples are shown in the help of each verb, by its path without the program's name.
var examples = map[string][]string{
	"demo":    {"reassigner demo", "reassigner demo --orders 200 --cancel refused", "reassigner demo --keep=false --json"},
	"serve":   {"reassigner serve --config reassigner.yaml", "reassigner serve --config reassigner.yaml --role receiver"},
	"sandbox": {"reassigner sandbox --orders 40", "reassigner sandbox --orders 40 --subscribe http://127.0.0.1:8080/webhooks/happycolis"},
	"status":  {"reassigner status", "reassigner status --json | jq '.organizations[].pauses'"},
	"audit":   {"reassigner audit", "reassigner audit --since 7d --user ops", "reassigner audit --since 2026-05-01 --csv > audit.csv"},
	"plan": {
		"reassigner plan --location paris-warehouse",
		"reassigner plan --all",
		"reassigner plan --location paris-warehouse --json | jq -r '.[] | select(.action == \"needs_person\") | .order_number'",
	},
	"incidents list": {"reassigner incidents list", "reassigner incidents list --since 30d --csv > incidents.csv", "reassigner incidents list --json | jq '.[] | select(.state == \"blocked\")'"},
	"incidents show": {"reassigner incidents show inc-20260518T060000-1a2b3c", "reassigner incidents show inc-20260518T060000-1a2b3c --watch"},
	"incidents approve": {
		"reassigner incidents approve inc-20260518T060000-1a2b3c --reason \"confirmed with the warehouse\"",
		"reassigner incidents approve inc-20260518T060000-1a2b3c --reason \"confirmed\" --yes",
	},
	"incidents stop":    {"reassigner incidents stop inc-20260518T060000-1a2b3c --reason \"paris ships by hand today\""},
	"incidents open":    {"reassigner incidents open --location paris-warehouse --reason \"flood: nothing leaves it this week\""},
	"incidents close":   {"reassigner incidents close inc-20260518T060000-1a2b3c --reason \"dry again\""},
	"incidents unblock": {"reassigner incidents unblock inc-20260518T060000-1a2b3c --reason \"the five were confirmed by phone\""},
	"orders list":       {"reassigner orders list --needs-person", "reassigner orders list --since 24h --csv --lines > moved.csv", "reassigner orders list --incident inc-20260518T060000-1a2b3c --reason-code cancel_unconfirmed --json"},
	"orders show":       {"reassigner orders show SO-10001", "reassigner orders show 126d8a47-c0df-0e73-d425-64aabdd22fc6 --json"},
	"orders find":       {"reassigner orders find 10001", "reassigner orders find so-1 --json | jq -r '.orders[].delivery_order_id'"},
	"orders retry": {
		"reassigner orders retry SO-10001 --reason \"stock arrived\"",
		"reassigner orders retry --reason-code no_candidate --reason \"lille is open again\" --yes",
	},
	"orders leave":      {"reassigner orders leave SO-10001 --reason \"paris ships it by hand\"", "reassigner orders leave --location paris-warehouse --reason \"paris is back\" --yes"},
	"orders proceed":    {"reassigner orders proceed SO-10001 --reason \"paris confirmed by phone that it will not ship\""},
	"pause":             {"reassigner pause --reason \"something looks wrong\"", "reassigner pause --location paris-warehouse --reason \"maintenance until 6\" --yes"},
	"resume":            {"reassigner resume --reason \"checked\"", "reassigner resume --location paris-warehouse --reason \"maintenance is over\" --yes"},
	"alerts test":       {"reassigner alerts test", "reassigner alerts test --target 'alerts.targets[0]'"},
	"import":            {"reassigner import orders.txt", "reassigner import references.txt --third-party-app SHOP_APP_ID", "reassigner import --location paris-warehouse --reason \"webhooks came late\""},
	"webhooks list":     {"reassigner webhooks list --config reassigner.yaml", "reassigner webhooks list --config reassigner.yaml --json | jq '.[] | select(.id == null)'"},
	"webhooks register": {"reassigner webhooks register --config reassigner.yaml --public-url https://reassigner.example.com --dry-run", "reassigner webhooks register --config reassigner.yaml --public-url https://reassigner.example.com"},
	"webhooks remove":   {"reassigner webhooks remove --config reassigner.yaml --type location/updated --yes"},
	"config check":      {"reassigner config check reassigner.yaml"},
	"policy check":      {"reassigner policy check policy.yaml", "reassigner policy check north.yaml south.yaml"},
	"policy explain": {
		"reassigner policy explain --example > facts.yaml", "reassigner policy explain --facts facts.yaml policy.yaml",
		"reassigner policy explain --facts facts.yaml --want \"reassign lyon-warehouse\" policy.yaml", "reassigner policy explain --order SO-10001",
	},
	"event send": {
		"reassigner event send --config reassigner.yaml --sample stock-reference-updated",
		"reassigner event send --config reassigner.yaml --sample errored --location LOCATION_ID --kafka",
		"reassigner event send --secret-env SECRET --sample errored --location LOCATION_ID --url https://reassigner.example.com/webhooks/happycolis",
	},
	"doctor":                {"reassigner doctor --config reassigner.yaml --public-url https://reassigner.example.com", "reassigner doctor --config reassigner.yaml --json", "reassigner doctor --quick"},
	"completion bash":       {"reassigner completion bash > /etc/bash_completion.d/reassigner"},
	"completion fish":       {"reassigner completion fish > ~/.config/fish/completions/reassigner.fish"},
	"completion powershell": {"reassigner completion powershell > reassigner.ps1"},
	"completion zsh":        {"reassigner completion zsh > \"${fpath[1]}/_reassigner\""},
	"version":               {"reassigner version", "reassigner version --json"},
}

// addExamples adds its examples to the help of every verb.
func addExamples(command *cobra.Command) {
	for _, sub := range command.Commands() {
		addExamples(sub)
	}
	if lines := examples[verbOf(command)]; len(lines) > 0 {
		command.Example = "  " + strings.Join(lines, "\n  ")
	}
}

// verbOf returns the path of a command without the program's name.
func verbOf(command *cobra.Command) string {
	_, verb, _ := strings.Cut(command.CommandPath(), " ")
	return verb
}
