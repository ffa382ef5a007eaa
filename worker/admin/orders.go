package admin

import (
	"net/http"
)

// handleOrders streams the reassignments that the query selects.
func (d *Server) handleOrders(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	rows := jsonArray{w: w}
	filter := Filter{
		Organization: q.Get("organization"), Incident: q.Get("incident"), Location: q.Get("location"),
		ReasonCode: q.Get("reason_code"), NeedsPerson: q.Get("needs_person") == "1",
	}
	for re, err := range d.matchRows(r.Context(), filter) {
		if err != nil {
			return rows.fail(err)
		}
		if err := rows.add(newOrderRow(re)); err != nil {
			return err
		}
	}
	return rows.close()
}

// handleOrder answers with whole records.
func (d *Server) handleOrder(w http.ResponseWriter, r *http.Request) error {
	found, err := d.findRows(r.Context(), r.URL.Query().Get("organization"), r.PathValue("name"))
	if err != nil {
		return err
	}
	details := make([]OrderDetail, 0, len(found))
	for _, re := range found {
		record, err := flatten(re)
		if err != nil {
			return err
		}
		detail := OrderDetail{OrderRow: newOrderRow(re), Record: record, Explanation: []string{}}
		if re.Decision != nil {
			detail.Explanation = re.Decision.Explain()
		}
		details = append(details, detail)
	}
	writeJSON(w, http.StatusOK, details)
	return nil
}
