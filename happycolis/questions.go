package happycolis

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Question is something about the platform that is not documented, with what the live schema shows of it. Answer is ""
// where the schema shows nothing.
type Question struct {
	Asked, Answer string
	Useful        bool // an answer would allow something that this program does not do yet
}

// Questions answers, from the live schema, what is only assumed elsewhere.
func (s *LiveSchema) Questions() []Question {
	order := s.fieldType(s.query, "deliveryOrder")
	return []Question{
		{"a query that lists delivery orders by location", s.listQueries(order), true},
		{"the order line on a delivery order's line", s.fieldsLike(s.fieldType(order, "lines"), "orderline"), true},
		{"an order on hold", s.holdWords(s.fieldType(order, "orders")), true},
		{"shipments on a delivery order", s.fieldsLike(order, "shipments"), false},
		{"a cancelled status", s.valuesLike(s.fieldType(order, "status"), "cancel"), true},
		{"when a location begins to take orders (acceptFulfillmentAt)", s.fieldsLike(s.fieldType(order, "location"), "acceptfulfillment"), true},
		{"mutations that register webhooks", s.fieldsLike(s.mutation, "webhook"), false},
	}
}

// fieldType returns the name of the type of a field, "" if there is none.
func (s *LiveSchema) fieldType(typeName, field string) string {
	f, ok := s.types[typeName].findField(field)
	if !ok {
		return ""
	}
	return f.Type.bareName()
}

// listQueries names the queries that return many delivery orders and have another argument than the id of one order:
// one of them could replace the index.
func (s *LiveSchema) listQueries(deliveryOrder string) string {
	var found []string
	for _, f := range s.types[s.query].Fields {
		if deliveryOrder == "" || f.Name == "deliveryOrders" && len(f.Args) == 1 && f.Args[0].Name == "orderId" || !s.isListOf(f.Type, deliveryOrder) {
			continue
		}
		var names []string
		for _, a := range f.Args {
			names = append(names, a.Name)
		}
		found = append(found, fmt.Sprintf("%s(%s)", f.Name, strings.Join(names, ", ")))
	}
	return strings.Join(found, ", ")
}

// isListOf reports whether a type is a list of the named one, or a page that has such a list one or two fields
// below, as nodes or edges.
func (s *LiveSchema) isListOf(r liveRef, of string) bool {
	if r.bareName() == of {
		return r.isList()
	}
	for _, f := range s.types[r.bareName()].Fields {
		if !f.Type.isList() {
			continue
		}
		if f.Type.bareName() == of || s.fieldType(f.Type.bareName(), "node") == of {
			return true
		}
	}
	return false
}

func (s *LiveSchema) holdWords(order string) string {
	var found []string
	for _, text := range []string{s.fieldsLike(order, "hold"), s.valuesLike(s.fieldType(order, "state"), "hold")} {
		if text != "" {
			found = append(found, text)
		}
	}
	return strings.Join(found, ", ")
}

func (s *LiveSchema) fieldsLike(typeName, part string) string {
	var found []string
	for _, f := range s.types[typeName].Fields {
		if strings.Contains(strings.ToLower(f.Name), part) {
			found = append(found, typeName+"."+f.Name)
		}
	}
	return strings.Join(found, ", ")
}

func (s *LiveSchema) valuesLike(typeName, part string) string {
	var found []string
	for _, v := range s.types[typeName].Values {
		if strings.Contains(strings.ToLower(v.Name), part) {
			found = append(found, typeName+"."+v.Name)
		}
	}
	return strings.Join(found, ", ")
}

// NewWords returns the values of enums that we read and that our schema does not have, as
// "DeliveryOrderStatusEnum.PARKED". A delivery order with such a value is left to an operator.
func (s *LiveSchema) NewWords() ([]string, error) {
	order := s.fieldType(s.query, "deliveryOrder")
	line, parent := s.fieldType(order, "lines"), s.fieldType(order, "orders")
	location := s.fieldType(order, "location")
	integration := s.fieldType(location, "integration")
	known, err := knownWords()
	if err != nil {
		return nil, err
	}
	found := map[string]bool{}
	for ours, live := range map[string]string{
		"DeliveryOrderStatusEnum": s.fieldType(order, "status"), "DeliveryOrderLineStatusEnum": s.fieldType(line, "status"),
		"DeliveryOrderTypeEnum": s.fieldType(order, "type"), "OrderStateEnum": s.fieldType(parent, "state"),
		"OrderDispatchingTypeEnum": s.fieldType(parent, "dispatchingType"), "LocationTypeEnum": s.fieldType(location, "locationType"),
		"FulfillmentServiceIntegrationStateEnum": s.fieldType(integration, "state"),
	} {
		for _, v := range s.types[live].Values {
			if !slices.Contains(known[ours], v.Name) {
				found[live+"."+v.Name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found)), nil
}
