package webhook

import (
	"errors"
	"fmt"
	"reflect"
	"time"

	"happycolis-reassigner/happycolis/quantity"
)

// ErrBounds reports that an event holds what Parse never returns.
var ErrBounds = errors.New("an event is out of bounds")

// CheckBounds asks of every value of an event, as it was stored somewhere else, whether Parse could have returned it: texts that
// IsPrintable accepts, numbers of units in range, times that can be written. The error names the field, and not its value.
func (e *Event) CheckBounds() error { return checkBounds(reflect.ValueOf(*e), "event") }

func checkBounds(v reflect.Value, name string) error {
	ok := true
	switch v.Kind() {
	case reflect.String:
		ok = IsPrintable(v.String())
	case reflect.Int:
		ok = v.Int() >= -quantity.Most && v.Int() <= quantity.Most
	case reflect.Pointer:
		if !v.IsNil() {
			return checkBounds(v.Elem(), name)
		}
	case reflect.Slice:
		for i := range v.Len() {
			if err := checkBounds(v.Index(i), name); err != nil {
				return err
			}
		}
	case reflect.Struct:
		if at, is := v.Interface().(time.Time); is {
			ok = isWritable(at)
			break
		}
		for i := range v.NumField() {
			if err := checkBounds(v.Field(i), v.Type().Field(i).Name); err != nil {
				return err
			}
		}
	default: // nothing that could be out of bounds
	}
	if !ok {
		return fmt.Errorf("%w: %s", ErrBounds, name)
	}
	return nil
}
