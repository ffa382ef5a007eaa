package policy

import "happycolis-reassigner/policy/strictyaml"

// The words that a policy may use. To add one: a file <sort>_<word>.go with its type and
// its read function, one line here, a decision case testdata/decide/<sort>_<word>.yaml, a
// heading in README.md, and a place in an example. A test fails for each that is missing.
//
// They are functions, not variables, so that a word that contains other words can reach
// the list it stands in.

func predicates() words[predicate] {
	return words[predicate]{
		{"any", readAny},
		{"country", readCountry},
		{"from", readFrom},
		{"not", readNot},
		{"order_type", readOrderType},
		{"pickup_point", readPickupPoint},
		{"priority", readPriority},
		{"sku", readSKU},
		{"time", readTime},
		{"units", readUnits},
	}
}

func fences() words[fence] {
	return words[fence]{
		{"capacity", readCapacity},
		{"in_stock", readInStock},
		{"in_stock_if_known", readInStockIfKnown},
		{"ships_to_country", readShipsToCountry},
	}
}

func ratings() words[rating] {
	return words[rating]{
		{"cost", readCost},
		{"listed_order", readListedOrder},
		{"most_stock", readMostStock},
		{"share", readShare},
	}
}

// words are the words of one sort, sorted by name.
type words[T any] []word[T]

// word is how one word is read. arg is what stands after it, absent where it stands alone.
// What read returns after it refused something is never used.
type word[T any] struct {
	name string
	read func(r *reader, arg strictyaml.Node) T
}

func (ws words[T]) names() []string {
	var names []string
	for _, w := range ws {
		names = append(names, w.name)
	}
	return names
}
