{{/* One rule of the PrometheusRule, of a dict: labels, alert, expr, for, severity, summary, description. */}}
{{- define "sealed-secrets.alert" -}}
- alert: {{ .alert }}
  expr: {{ .expr }}
  for: {{ .for }}
  labels:
    {{- mergeOverwrite (dict "severity" .severity) .labels | toYaml | nindent 4 }}
  annotations:
    summary: {{ .summary }}
    description: {{ .description | quote }}
{{- end -}}
