package config

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"happycolis-reassigner/happycolis"
)

func TestEverySchemeOfRedisIsUnderstood(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{ // a part of the message; "": it is accepted
		"redis://127.0.0.1:6379/2": "", "rediss://cache.example:6380": "", "embedded": "", "redis://cache": "", "redis://[::1]:6379/0": "",
		"redis-sentinel://10.0.0.1:26379/0?master_name=main": "", "rediss-sentinel://10.0.0.1:26379,10.0.0.2:26379/1?master_name=main": "",
		"redis-cluster://10.0.0.1:7000?addr=10.0.0.2:7000": "", "rediss-cluster://10.0.0.1:7000,10.0.0.2,[::1]:7000,[::1]/0": "",
		"unix:///run/redis.sock": "not a Redis URL", "redis://host:port:x": "not a Redis URL", "redisss://h": "not a Redis URL", "10.0.0.1:6379": "not a Redis URL",
		"redis-sentinel://10.0.0.1:26379/0": "?master_name=NAME", "redis://10.0.0.1,10.0.0.2:6379": "nodes of a Cluster",
		"rediss-cluster://10.0.0.1/1": "no databases but 0", "redis-cluster://10.0.0.1?db=1": "not a Redis URL",
		"redis-cluster://10.0.0.1,,10.0.0.2": "not a Redis URL", "redis-cluster://10.0.0.1:7000?addr=10.0.0.2": "not a Redis URL",
		"redis://10.0.0.1?no_such_option=1": "not a Redis URL",
	} {
		if got := checkRedisURL(text, true); (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

func TestSeveralHostsAreSeveralAddresses(t *testing.T) {
	t.Parallel()
	want := []string{"10.0.0.1:7000", "cache.example:6379", "[::1]:7001", "10.0.0.4:7000"}
	for _, text := range []string{
		"redis-cluster://u:p@10.0.0.1:7000,cache.example,[::1]:7001?addr=10.0.0.4:7000",
		"rediss-sentinel://u:p@10.0.0.1:7000,cache.example:6379,[::1]:7001/3?master_name=m&addr=10.0.0.4:7000",
	} {
		server, err := ParseRedis(happycolis.Secret(text), nil)
		if err != nil {
			t.Fatal(err)
		}
		got := server.addresses()
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", text, got, want)
		}
	}
}

// Every byte but a zero is a password's, if it is encoded. Where it has to be and is not, the message says how, and
// nothing of the password.
func TestAPasswordMayHoldAnyByte(t *testing.T) {
	t.Parallel()
	for b := range 256 {
		password := "s3cret" + string([]byte{byte(b)}) + "w0rd"
		encoded := url.PathEscape(password)
		for text, get := range map[string]func(RedisServer) []string{
			"redis://user:" + encoded + "@h:6379/1": func(s RedisServer) []string { return []string{s.Single.Password} },
			"redis-cluster://:" + encoded + "@h,i":  func(s RedisServer) []string { return []string{s.Cluster.Password} },
			"redis-sentinel://user:" + encoded + "@h,i/1?master_name=m&sentinel_password=" + url.QueryEscape(password): func(s RedisServer) []string {
				return []string{s.Sentinels.Password, s.Sentinels.SentinelPassword}
			},
		} {
			server, err := ParseRedis(happycolis.Secret(text), nil)
			if err != nil {
				t.Fatalf("byte %d in %s: %v", b, text, err)
			}
			for _, got := range get(server) {
				if got != password {
					t.Fatalf("%s: got the password %q, want %q", text, got, password)
				}
			}
		}
	}
	for _, raw := range []string{"s3cret#w0rd", "12#w0rd", "s3cret/w0rd", "12/34", "s3cret?w0rd", "12?w0rd", "s3cret%w0rd", "s3cret w0rd", "s3crét", "12?a=%zz"} {
		for _, scheme := range []string{"redis", "rediss-cluster"} {
			_, err := ParseRedis(happycolis.Secret(scheme+"://user:"+raw+"@10.0.0.1:6379"), nil)
			if err == nil || !strings.Contains(err.Error(), "@ as %40") {
				t.Errorf("%s, %q: got %v, want to be told how to encode it", scheme, raw, err)
			} else if strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "w0rd") {
				t.Errorf("the message tells the password: %v", err)
			}
		}
	}
}

func TestAPasswordOfRedisThatIsWrittenOutIsFound(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"redis://:pa55word@h", "rediss-cluster://u:pa55word@h,i", "redis-sentinel://u:pa55word@h?master_name=m",
		"redis-sentinel://h?master_name=m&sentinel_password=pa55word", "redis-sentinel://h?master_name=m&password=pa55word",
	} {
		if got := checkRedisURL(text, false); !strings.Contains(got, "holds a password") || strings.Contains(got, "pa55word") {
			t.Errorf("%s: got %q, want it refused", text, got)
		}
		if got := checkRedisURL(text, true); got != "" {
			t.Errorf("%s, from the environment: got %q", text, got)
		}
	}
}

// The user and password of a URL are Redis's, as the manual says; the library would show them to the sentinels.
func TestSentinelsHaveTheirOwnPassword(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][4]string{ // user and password of Redis, and of the sentinels
		"redis-sentinel://u:p@h?master_name=m":                                         {"u", "p", "", ""},
		"redis-sentinel://u:p@h?master_name=m&sentinel_username=s&sentinel_password=q": {"u", "p", "s", "q"},
		"redis-sentinel://h?master_name=m&sentinel_password=q":                         {"", "", "", "q"},
		"redis-sentinel://s:q@h?master_name=m&username=u&password=p":                   {"u", "p", "s", "q"},
	} {
		server, err := ParseRedis(happycolis.Secret(text), nil)
		if err != nil {
			t.Fatal(err)
		}
		o := server.Sentinels
		if got := [4]string{o.Username, o.Password, o.SentinelUsername, o.SentinelPassword}; got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}
