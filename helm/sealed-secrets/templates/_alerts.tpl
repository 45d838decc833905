{{/* The rules of alerts/sealed-secrets.yaml, without those that are disabled, and with the labels and links of the values. */}}
{{- define "sealed-secrets.alerts" -}}
{{- $rule := .Values.metrics.prometheusRule -}}
{{- $labels := include "sealed-secrets.renderMap" (list . $rule.ruleLabels) | fromYaml -}}
{{- $group := (.Files.Get "alerts/sealed-secrets.yaml" | fromYaml).groups | first -}}
{{- $names := list -}}
{{- $rules := list -}}
{{- range $group.rules -}}
{{- $names = append $names .alert -}}
{{- if not (has .alert $rule.disabledAlerts) -}}
{{- $_ := set . "labels" (mergeOverwrite .labels $labels) -}}
{{- if $rule.runbookUrl -}}
{{- $_ := set .annotations "runbook_url" (printf "%s#%s" $rule.runbookUrl (lower .alert)) -}}
{{- end -}}
{{- $rules = append $rules . -}}
{{- end -}}
{{- end -}}
{{- range $rule.disabledAlerts -}}
{{- if not (has . $names) -}}
{{- fail (printf "metrics.prometheusRule.disabledAlerts: the chart has no alert %s; it has %s" . (join ", " $names)) -}}
{{- end -}}
{{- end -}}
{{- toYaml $rules -}}
{{- end -}}
