package config

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"happycolis-reassigner/happycolis"
	"happycolis-reassigner/worker/admin"
)

// readAdmin reads the address of the admin listener, and its users with their roles.
func (r *reader) readAdmin(c *Config, top *section) {
	s := r.readSection(top.values["admin"], "admin", []string{"listen", "users", "trusted_proxies"})
	c.Admin = s.readAddress("listen", "127.0.0.1:8081")
	r.readTrustedProxies(c, s)
	items, _ := s.readItems("users")
	names := map[string]bool{}
	for i, item := range items {
		u := r.readSection(item, fmt.Sprintf("admin.users[%d]", i), []string{"name", "password", "role", "organizations"})
		user := admin.User{Name: u.readText("name", ""), Password: u.readSecret("password"),
			Role: admin.Role(u.readChoice("role", "", string(admin.Viewer), string(admin.Operator))), Organizations: r.readOrganizationIDs(top, u)}
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
		c.Users = append(c.Users, user)
	}
	if len(items) == 0 && !s.broken["users"] && !s.broken["listen"] && !isLoopback(c.Admin) {
		s.refuse("listen", "%q is reached from other machines, and nobody has to log in; bind it to 127.0.0.1, or add admin.users", c.Admin)
	}
	if !s.broken["listen"] && c.Admin == c.Listen && !strings.HasSuffix(c.Admin, ":0") {
		s.refuse("listen", "%q is the address of listen; choose another", c.Admin)
	}
}

// readOrganizationIDs reads the organizations that a user or a target is limited to; none: to nothing.
func (r *reader) readOrganizationIDs(top, s *section) []string {
	var configured []string
	for _, item := range top.values["organizations"].Items {
		if id, _, _ := r.resolve(item.Child("id").Text); id != "" {
			configured = append(configured, id)
		}
	}
	return s.readNames("organizations", "write the id of an organization that is configured here, or leave the list out for all",
		func(id string) bool { return slices.Contains(configured, id) })
}

// readTrustedProxies reads the addresses of the proxies whose X-Forwarded-* is believed.
func (r *reader) readTrustedProxies(c *Config, s *section) {
	items, _ := s.readItems("trusted_proxies")
	for i, item := range items {
		text, _, wrong := r.resolve(item.Text)
		if wrong == "" {
			network, err := netip.ParsePrefix(text)
			if ip, bad := netip.ParseAddr(text); bad == nil {
				network, err = netip.PrefixFrom(ip, ip.BitLen()), nil
			}
			if err == nil && item.Kind.IsScalar() {
				c.TrustedProxies = append(c.TrustedProxies, network.Masked())
				continue
			}
			wrong = fmt.Sprintf("%q is not a network; write it like 10.0.0.0/8 or 10.1.2.3", text)
		}
		r.refuse(item, fmt.Sprintf("admin.trusted_proxies[%d]", i), "%s", wrong)
	}
}

// readMetrics reads the address of a listener for metrics alone. It has no login.
func (r *reader) readMetrics(c *Config, top *section) {
	if top.readText("metrics", "") == "" {
		return
	}
	c.Metrics = top.readAddress("metrics", "")
	for name, taken := range map[string]string{"listen": c.Listen, "admin.listen": c.Admin} {
		if !top.broken["metrics"] && c.Metrics == taken && !strings.HasSuffix(taken, ":0") {
			top.refuse("metrics", "%q is the address of %s; choose another, or leave it out: the admin listener has /metrics", c.Metrics, name)
		}
	}
}

// readOrganizations reads the organizations.
func (r *reader) readOrganizations(c *Config, top *section, rate happycolis.Rate) {
	common := namedPolicy{r.resolvePath(top.readText("policy", "policy.yaml")), top}
	items, _ := top.readItems("organizations")
	if len(items) == 0 && !top.broken["organizations"] {
		top.refuse("organizations", "missing; write at least one, with its id and credentials")
	}
	ids := map[string]bool{}
	for i, item := range items {
		s := r.readSection(item, fmt.Sprintf("organizations[%d]", i),
			[]string{"id", "client_id", "client_secret", "previous_client_secret", "integration_token", "policy", "rate_limit"})
		o := Organization{
			Credentials: happycolis.Credentials{
				Organization: s.readText("id", ""), ClientID: s.readText("client_id", ""), IntegrationToken: s.readSecret("integration_token"),
			},
			Previous: s.readSecret("previous_client_secret"),
			Signing:  s.readSecret("client_secret"),
			Rate:     r.readRate(s, rate),
		}
		o.Credentials.ClientSecret = o.Signing
		named := common
		if own := s.readText("policy", ""); own != "" || s.broken["policy"] {
			named = namedPolicy{r.resolvePath(own), s}
		}
		o.Policy = named.path
		r.policies = append(r.policies, named)
		r.checkCredentials(s, o)
		if id := o.Credentials.Organization; id != "" && ids[id] {
			s.refuse("id", "%q is the id of another organization here; keep one", id)
		}
		ids[o.Credentials.Organization] = true
		c.Organizations = append(c.Organizations, o)
	}
}

// checkCredentials refuses an organization for which no requests can be sent, or whose webhooks cannot be verified.
func (r *reader) checkCredentials(s *section, o Organization) {
	s.require("id", o.Credentials.Organization, "write the id that webhooks carry as organizationId")
	if id := o.Credentials.Organization; id != "" && !isID(id) {
		s.refuse("id", "%q holds a space or a brace, which no id has; write it as the platform does", id)
	}
	s.require("client_secret", o.Signing.Reveal(), "webhooks are signed with it; write ${NAME} or ${file:PATH}")
	if o.Credentials.IntegrationToken == "" && !s.broken["integration_token"] {
		s.require("client_id", o.Credentials.ClientID, "write it, or an integration_token")
	}
}
