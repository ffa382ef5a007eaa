package config

import (
	"errors"
	"net/url"

	"github.com/redis/go-redis/v9"

	"happycolis-reassigner/happycolis"
)

// RedisServer has the options for one of the three kinds of Redis; the others are nil.
type RedisServer struct {
	Single    *redis.Options
	Sentinels *redis.FailoverOptions
	Cluster   *redis.ClusterOptions
}

var errRedisURL = errors.New("not a Redis URL; write redis://HOST:PORT/DB, rediss://..., redis-sentinel://HOST:PORT/DB?master_name=NAME or redis-cluster://HOST:PORT")

// ParseRedis reads a URL of any of the four schemes. The errors of the URL's parser are dropped: they may quote a
// password.
func ParseRedis(address happycolis.Secret) (RedisServer, error) {
	text := address.Reveal()
	u, err := url.Parse(text)
	if err != nil {
		return RedisServer{}, errRedisURL
	}
	var server RedisServer
	switch u.Scheme {
	case "redis", "rediss":
		server.Single, err = redis.ParseURL(text)
	case "redis-sentinel":
		u.Scheme = "redis"
		server.Sentinels, err = redis.ParseFailoverURL(u.String())
		if err == nil && server.Sentinels.MasterName == "" {
			err = errRedisURL
		}
	case "redis-cluster":
		u.Scheme = "redis"
		server.Cluster, err = redis.ParseClusterURL(u.String())
	default:
		err = errRedisURL
	}
	if err != nil {
		return RedisServer{}, errRedisURL
	}
	return server, nil
}

// checkRedisURL says what is wrong with a Redis URL, "" if nothing is.
func checkRedisURL(text string, referenced bool) string {
	if text == EmbeddedRedis {
		return ""
	}
	if _, err := ParseRedis(happycolis.Secret(text)); err != nil {
		return err.Error()
	}
	if u, err := url.Parse(text); err == nil && !referenced {
		if _, written := u.User.Password(); written {
			return "the URL holds a password; put the whole URL into the environment and write ${NAME}"
		}
	}
	return ""
}
