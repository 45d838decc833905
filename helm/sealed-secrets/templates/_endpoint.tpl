{{/* An endpoint of a ServiceMonitor or a PodMonitor, of a list: root context, its values. */}}
{{- define "sealed-secrets.endpoint" -}}
{{- $root := index . 0 -}}
{{- $monitor := index . 1 -}}
port: metrics
honorLabels: {{ $monitor.honorLabels | default false }}
{{- range $name := list "interval" "scrapeTimeout" }}
{{- with index $monitor $name }}
{{ $name }}: {{ . }}
{{- end }}
{{- end }}
{{- range $name := list "metricRelabelings" "relabelings" }}
{{- with index $monitor $name }}
{{ $name }}:
  {{- include "sealed-secrets.render" (list $root .) | nindent 2 }}
{{- end }}
{{- end }}
{{- end -}}
