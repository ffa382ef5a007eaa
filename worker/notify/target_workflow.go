package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/nicholas-fedor/shoutrrr/pkg/services/specialized/generic"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"
)

// workflow is a flow of Power Automate that a request starts. Its template for Teams posts the adaptive cards under
// "attachments" of what it is sent; without one it fails, although the request was answered 202 (documented by Microsoft).
type workflow struct {
	url                  string
	titleKey, messageKey string
}

// workflowClient posts to workflows.
var workflowClient = &http.Client{Timeout: maxSendTime, CheckRedirect: refuseRedirect}

// workflowOf returns the workflow that a webhook is; nil if it is none. Its host differs by region and tenant, its path does not.
func workflowOf(service types.Service) *workflow {
	hook, is := service.(*generic.Service)
	if !is {
		return nil
	}
	to := hook.Config.WebhookURL()
	if !strings.Contains(to.Path, "/triggers/") || !strings.HasSuffix(to.Path, "/paths/invoke") {
		return nil
	}
	return &workflow{to.String(), hook.Config.TitleKey, hook.Config.MessageKey}
}

func (w *workflow) send(ctx context.Context, m Message) error {
	body, err := json.Marshal(w.payload(m))
	if err != nil {
		return Failed
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(body))
	if err != nil {
		return Failed
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := workflowClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("a workflow answered %d", response.StatusCode)
	}
	return nil
}

// payload is the message as a card. Beside it stand title and text, as every other webhook gets them, for a flow that
// somebody built for those.
func (w *workflow) payload(m Message) map[string]any {
	lines := strings.Split(m.Text, "\n")
	card := map[string]any{"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4"}
	if last := lines[len(lines)-1]; isLink(last) {
		card["actions"] = []any{map[string]any{"type": "Action.OpenUrl", "title": "Open", "url": last}}
		lines = lines[:len(lines)-1]
	}
	var body []any
	for i, line := range lines {
		run := map[string]any{"type": "TextRun", "text": line}
		if i == 0 {
			run["weight"], run["size"] = "Bolder", "Medium"
		}
		if i == 0 && m.Urgent {
			run["color"] = "Attention"
		}
		// Of a RichTextBlock nothing is read as Markdown: a command stays as it is, and a name makes no link.
		body = append(body, map[string]any{"type": "RichTextBlock", "inlines": []any{run}})
	}
	card["body"], card["msteams"] = body, map[string]any{"width": "Full"}
	return map[string]any{
		w.titleKey: m.Title, w.messageKey: m.Text, "type": "message",
		"attachments": []any{map[string]any{"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": nil, "content": card}},
	}
}

// isLink reports whether a line is the link to the console.
func isLink(line string) bool {
	u, err := url.Parse(line)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}
