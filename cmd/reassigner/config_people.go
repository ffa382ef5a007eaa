package main

import (
	"fmt"
	"strings"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/desk"
)

// admin reads who may see and do what, and where.
func (r *reader) admin(c *config, top *section) {
	s := r.section(top.values["admin"], "admin", []string{"listen", "users"})
	c.admin = s.address("listen", "127.0.0.1:8081")
	items, _ := s.items("users")
	names := map[string]bool{}
	for i, item := range items {
		u := r.section(item, fmt.Sprintf("admin.users[%d]", i), []string{"name", "password", "role"})
		user := desk.User{Name: u.text("name", ""), Password: u.secret("password"),
			Role: desk.Role(u.choice("role", "", string(desk.Viewer), string(desk.Operator)))}
		u.require("name", user.Name, "write the name to log in with")
		u.require("password", user.Password.Reveal(), "write ${NAME} or ${file:PATH}")
		u.require("role", string(user.Role), "write viewer (looks only) or operator (acts)")
		if strings.Contains(user.Name, ":") {
			u.refuse("name", "holds a colon, which a login cannot carry; remove it")
		}
		if user.Name != "" && names[user.Name] {
			u.refuse("name", "%q is the name of another user; choose another", user.Name)
		}
		names[user.Name] = true
		c.users = append(c.users, user)
	}
	if len(items) == 0 && !s.broken["users"] && !s.broken["listen"] && !isLoopback(c.admin) {
		s.refuse("listen", "%q is reached from other machines, and nobody has to log in; bind it to 127.0.0.1, or add admin.users", c.admin)
	}
	if !s.broken["listen"] && c.admin == c.listen && !strings.HasSuffix(c.admin, ":0") {
		s.refuse("listen", "%q is the address of listen; choose another", c.admin)
	}
}

// metrics reads where metrics are served by themselves. Nobody has to log in there.
func (r *reader) metrics(c *config, top *section) {
	if top.text("metrics", "") == "" {
		return
	}
	c.metrics = top.address("metrics", "")
	for name, taken := range map[string]string{"listen": c.listen, "admin.listen": c.admin} {
		if !top.broken["metrics"] && c.metrics == taken && !strings.HasSuffix(taken, ":0") {
			top.refuse("metrics", "%q is the address of %s; choose another, or leave it out: the admin listener has /metrics", c.metrics, name)
		}
	}
}

// organizations reads whom the worker works for.
func (r *reader) organizations(c *config, top *section, rate happycolis.Rate) {
	common := r.path(top.text("policy", "policy.yaml"))
	items, _ := top.items("organizations")
	if len(items) == 0 && !top.broken["organizations"] {
		top.refuse("organizations", "missing; write at least one, with its id and credentials")
	}
	ids := map[string]bool{}
	for i, item := range items {
		s := r.section(item, fmt.Sprintf("organizations[%d]", i),
			[]string{"id", "client_id", "client_secret", "previous_client_secret", "integration_token", "policy", "rate_limit"})
		o := organizationConfig{
			credentials: happycolis.Credentials{
				Organization: s.text("id", ""), ClientID: s.text("client_id", ""), IntegrationToken: s.secret("integration_token"),
			},
			previous: s.secret("previous_client_secret"),
			signing:  s.secret("client_secret"),
			policy:   common,
			rate:     r.rate(s, rate),
		}
		o.credentials.ClientSecret = o.signing
		if own := s.text("policy", ""); own != "" {
			o.policy = r.path(own)
		}
		r.credentials(s, o)
		if id := o.credentials.Organization; id != "" && ids[id] {
			s.refuse("id", "%q is the id of another organization here; keep one", id)
		}
		ids[o.credentials.Organization] = true
		c.organizations = append(c.organizations, o)
	}
}

// credentials refuses an organization that cannot be asked for, or whose webhooks cannot be verified.
func (r *reader) credentials(s *section, o organizationConfig) {
	s.require("id", o.credentials.Organization, "write the id that webhooks carry as organizationId")
	if id := o.credentials.Organization; id != "" && !isName(id) {
		s.refuse("id", "%q holds a space or a brace, which no id has; write it as the platform does", id)
	}
	s.require("client_secret", o.signing.Reveal(), "webhooks are signed with it; write ${NAME} or ${file:PATH}")
	if o.credentials.IntegrationToken == "" && !s.broken["integration_token"] {
		s.require("client_id", o.credentials.ClientID, "write it, or an integration_token")
	}
}
