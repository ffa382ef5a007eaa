// Package api is what the admin API says: the rows, requests and answers of its JSON, and the words in them, the states
// and reasons, with what an operator does about each. It imports nothing of ours, so that whoever talks to the API needs
// nothing else. What is stored is not part of it: package query turns records into these types.
package api
