{{/* One rule of the PrometheusRule, of a dict: root, alert, expr, for, severity, summary, description. */}}
{{- define "sealed-secrets.alert" -}}
- alert: {{ .alert }}
  expr: {{ .expr }}
  for: {{ .for }}
  labels:
    {{- mergeOverwrite (dict "severity" .severity) .root.Values.metrics.prometheusRule.ruleLabels | toYaml | nindent 4 }}
  annotations:
    summary: {{ .summary }}
    description: {{ .description | quote }}
{{- end -}}
