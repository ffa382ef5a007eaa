package config

import (
	"crypto/tls"
	"errors"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/happycolis"
)

// RedisServer has the options for one of the three kinds of Redis; the others are nil.
type RedisServer struct {
	Single    *redis.Options
	Sentinels *redis.FailoverOptions
	Cluster   *redis.ClusterOptions
}

var (
	errRedisURL = errors.New("not a Redis URL; write redis://HOST:PORT/DB, redis-sentinel://HOST:PORT,HOST:PORT/DB?master_name=NAME or " +
		"redis-cluster://HOST:PORT,HOST:PORT; with TLS rediss, rediss-sentinel and rediss-cluster")
	errRedisUser   = errors.New(errRedisURL.Error() + "; in user and password write each byte that is no letter or digit as %XX: @ as %40, / as %2F, # as %23, % as %25")
	errRedisHosts  = errors.New("several hosts are of one Redis only if they are its sentinels (redis-sentinel://) or nodes of a Cluster (redis-cluster://)")
	errRedisMaster = errors.New("the sentinels need to know which master is meant; write ?master_name=NAME")
	errRedisDB     = errors.New("a Cluster has no databases but 0; take the number out of the URL")
)

const defaultRedisPort = "6379"

// ParseRedis reads a URL of any scheme. trust says how the schemes with TLS check the servers, and what they show them;
// nil: the roots of the system, and nothing. The errors of the URL's parsers are dropped: they may quote a password.
func ParseRedis(address happycolis.Secret, trust *tls.Config) (RedisServer, error) {
	text := address.Reveal()
	server, hosts, err := parseRedisURL(text)
	if err != nil {
		if errors.Is(err, errRedisURL) && strings.ContainsAny(text, "@#%") {
			err = errRedisUser
		}
		return RedisServer{}, err
	}
	server.useTLS(trust, hosts)
	return server, nil
}

// redisURL is a URL in its parts. Go's parser understands neither several hosts nor a raw # or / in a password.
type redisURL struct {
	scheme string
	tls    bool
	user   string // with the @, or ""
	hosts  []string
	rest   string // path and query
}

func splitRedisURL(text string) (redisURL, bool) {
	scheme, after, ok := strings.Cut(text, "://")
	if !ok || strings.Contains(after, "#") {
		return redisURL{}, false
	}
	u := redisURL{scheme: scheme}
	if plain, secured := strings.CutPrefix(scheme, "rediss"); secured {
		u.scheme, u.tls = "redis"+plain, true
	}
	end := strings.IndexAny(after, "/?")
	if end < 0 {
		end = len(after)
	}
	authority := after[:end]
	u.rest = after[end:]
	at := strings.LastIndex(authority, "@") + 1
	u.user, u.hosts = authority[:at], strings.Split(authority[at:], ",")
	for i, host := range u.hosts {
		if host == "" && len(u.hosts) > 1 {
			return redisURL{}, false
		}
		if _, _, err := net.SplitHostPort(host); err != nil && i > 0 {
			u.hosts[i] = net.JoinHostPort(strings.Trim(host, "[]"), defaultRedisPort)
		}
	}
	return u, true
}

// library returns the URL as go-redis reads it, with the further hosts as parameters.
func (u redisURL) library(query url.Values) string {
	scheme := "redis"
	if u.tls {
		scheme = "rediss"
	}
	for _, host := range u.hosts[1:] {
		query.Add("addr", host)
	}
	path, _, _ := strings.Cut(u.rest, "?")
	return scheme + "://" + u.user + u.hosts[0] + path + "?" + query.Encode()
}

// parseRedisURL also returns the names of the hosts in the URL.
func parseRedisURL(text string) (server RedisServer, hosts []string, err error) {
	u, ok := splitRedisURL(text)
	if !ok {
		return server, nil, errRedisURL
	}
	path, rawQuery, _ := strings.Cut(u.rest, "?")
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		return server, nil, errRedisURL
	}
	switch u.scheme {
	case "redis":
		if len(u.hosts) > 1 {
			return server, nil, errRedisHosts
		}
		server.Single, err = redis.ParseURL(u.library(query))
	case "redis-sentinel":
		if query.Get("master_name") == "" {
			return server, nil, errRedisMaster
		}
		server.Sentinels, err = parseSentinels(u, query)
	case "redis-cluster":
		switch database, err := strconv.Atoi(strings.Trim(path, "/")); {
		case err != nil && path != "" && path != "/":
			return server, nil, errRedisURL
		case database != 0:
			return server, nil, errRedisDB
		}
		server.Cluster, err = redis.ParseClusterURL(u.library(query))
	default:
		err = errRedisURL
	}
	if err != nil {
		return server, nil, errRedisURL
	}
	for _, address := range server.addresses() {
		host, _, _ := net.SplitHostPort(address) // the library joined them
		hosts = append(hosts, host)
	}
	return server, hosts, nil
}

// parseSentinels reads the options of sentinels. User and password are those of Redis itself, and the sentinels have
// theirs in parameters. The library has it the other way round, which is kept where its parameters are written.
func parseSentinels(u redisURL, query url.Values) (*redis.FailoverOptions, error) {
	user, password := query.Get("sentinel_username"), query.Get("sentinel_password")
	query.Del("sentinel_username")
	query.Del("sentinel_password")
	o, err := redis.ParseFailoverURL(u.library(query))
	if err != nil {
		return nil, err
	}
	if !query.Has("username") && !query.Has("password") {
		o.Username, o.Password = o.SentinelUsername, o.SentinelPassword
		o.SentinelUsername, o.SentinelPassword = user, password
	}
	return o, nil
}

// addresses are those of the URL.
func (s RedisServer) addresses() []string {
	switch {
	case s.Sentinels != nil:
		return s.Sentinels.SentinelAddrs
	case s.Cluster != nil:
		return s.Cluster.Addrs
	}
	return []string{s.Single.Addr}
}

// checkRedisURL says what is wrong with a Redis URL, "" if nothing is.
func checkRedisURL(text string, referenced bool) string {
	if text == EmbeddedRedis {
		return ""
	}
	server, err := ParseRedis(happycolis.Secret(text), nil)
	if err != nil {
		return err.Error()
	}
	if server.hasPassword() && !referenced {
		return "the URL holds a password; put the whole URL into the environment and write ${NAME}"
	}
	return ""
}

func (s RedisServer) hasPassword() bool {
	switch {
	case s.Sentinels != nil:
		return s.Sentinels.Password != "" || s.Sentinels.SentinelPassword != ""
	case s.Cluster != nil:
		return s.Cluster.Password != ""
	}
	return s.Single.Password != ""
}
