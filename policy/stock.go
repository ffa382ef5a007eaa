package policy

import (
	"fmt"
	"slices"
	"time"
)

// shelf is what a candidate has of what the delivery order needs.
type shelf struct {
	wanted                 []string // units of each SKU that have to be shipped
	enough, short, missing []string // what is known of each; missing: not known
	sum                    int      // units available, of all SKUs that are known
}

// ofStock marks a fence by which units are to be promised.
type ofStock interface{ ofStock() }

// inStock reports whether the rule has a fence that looks at stock.
func (r reassign) inStock() bool {
	return slices.ContainsFunc(r.must, func(f fence) bool {
		_, is := f.(ofStock)
		return is
	})
}

// look compares the lines, which are known, with the stock of the candidate.
func (c Candidate) look(lines []Line) shelf {
	skus := make([]string, 0, len(lines))
	need := make(map[string]int, len(lines))
	for _, line := range lines {
		if _, again := need[line.SKU]; !again {
			skus = append(skus, line.SKU)
		}
		need[line.SKU] += line.Quantity
	}
	var s shelf
	for _, sku := range skus {
		stock := c.Stock[sku]
		if sku == "" {
			sku, stock = "a line without SKU", Stock{}
		}
		s.wanted = append(s.wanted, fmt.Sprintf("%d of %s", need[sku], sku))
		switch {
		case !stock.Known:
			s.missing = append(s.missing, fmt.Sprintf("%s of %s%s", seenUnknown, sku, formatAge(stock.Age)))
		case stock.Available < need[sku]:
			s.short = append(s.short, fmt.Sprintf("%d of %s%s", stock.Available, sku, formatAge(stock.Age)))
		default:
			s.enough = append(s.enough, fmt.Sprintf("%d of %s%s", stock.Available, sku, formatAge(stock.Age)))
		}
		if stock.Known {
			s.sum += max(0, stock.Available)
		}
	}
	return s
}

// formatAge tells how old a figure is, if that is known.
func formatAge(age time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case age <= 0:
		return ""
	case age < time.Minute:
		return " (under 1m old)"
	case age < 2*time.Hour:
		return fmt.Sprintf(" (%dm old)", age/time.Minute)
	case age < 2*day:
		return fmt.Sprintf(" (%dh old)", age/time.Hour)
	default:
		return fmt.Sprintf(" (%dd old)", age/day)
	}
}
