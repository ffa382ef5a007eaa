package notify

import (
	"net/http"
	"reflect"
)

// A redirect would send a message, and what is secret in the request, to wherever the answer says. So none is followed.
// The standard client, which the library uses for several services, gets the deadline that it has not, too: nobody else in
// the process uses it. It is set before anything runs, since whoever uses it reads it without a lock.
func init() { //nolint:gochecknoinits // before anything runs
	http.DefaultClient.Timeout = maxSendTime          //nolint:forbidigo // it is bounded here
	http.DefaultClient.CheckRedirect = refuseRedirect //nolint:forbidigo // it is bounded here
}

func refuseRedirect(*http.Request, []*http.Request) error { return Redirected }

// clientDepth is how deep in a service its client is looked for.
const clientDepth = 3

// refuseRedirects has the clients that a service of the library made for itself follow no redirect.
func refuseRedirects(in reflect.Value, depth int) {
	switch in.Kind() {
	case reflect.Interface:
		refuseRedirects(in.Elem(), depth)
	case reflect.Pointer:
		if in.IsNil() {
			return
		}
		if in.Type() == reflect.TypeFor[*http.Client]() {
			if client := (*http.Client)(in.UnsafePointer()); client.CheckRedirect == nil { // the standard client has it already
				client.CheckRedirect = refuseRedirect
			}
			return
		}
		refuseRedirects(in.Elem(), depth)
	case reflect.Struct:
		for i := range in.NumField() {
			if depth > 0 {
				refuseRedirects(in.Field(i), depth-1)
			}
		}
	default:
	}
}
