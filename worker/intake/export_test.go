package intake

// TriedWith returns the secrets that a body is hashed with, in their order, where the key at first had signed the last
// one on its connection.
func TriedWith(secrets []Secret, first int) (all []string) {
	keys := newKeyring(secrets)
	for _, i := range keys.order(first) {
		all = append(all, keys[i].secret)
	}
	return all
}

// IsRefusal is asked by tests alone.
var IsRefusal = isRefusal
