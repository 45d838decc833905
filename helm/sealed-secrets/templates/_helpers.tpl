{{/* The name of the app in labels. */}}
{{- define "sealed-secrets.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* The name of the objects. */}}
{{- define "sealed-secrets.fullname" -}}
{{- $name := include "sealed-secrets.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* The Lease of the leader. Two releases in one namespace have different ones. */}}
{{- define "sealed-secrets.leaseName" -}}
{{- (.Values.leaderElection | default dict).resourceName | default (include "sealed-secrets.fullname" .) -}}
{{- end -}}

{{/* The Roles in its own namespace: the controller "NAME-controller" has those of "NAME", as in plain manifests. */}}
{{- define "sealed-secrets.roleName" -}}
{{- printf "%s-%s" (include "sealed-secrets.fullname" .root | trimSuffix "-controller" | trunc 45 | trimSuffix "-") .suffix -}}
{{- end -}}

{{- define "sealed-secrets.namespace" -}}
{{- default .Release.Namespace .Values.namespace -}}
{{- end -}}

{{- define "sealed-secrets.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "sealed-secrets.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- required "serviceAccount.name is required when serviceAccount.create is false: the roles are not bound to the default ServiceAccount" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* The labels that the Deployment selects its pods by. They are immutable. */}}
{{- define "sealed-secrets.selectorLabels" -}}
app.kubernetes.io/name: {{ include "sealed-secrets.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "sealed-secrets.labels" -}}
{{ include "sealed-secrets.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* A value as YAML, with its templates rendered: of a list of the root and the value, which may be a text of YAML. */}}
{{- define "sealed-secrets.render" -}}
{{- $value := index . 1 -}}
{{- if kindIs "invalid" $value -}}
{{- else if kindIs "string" $value -}}
{{- tpl $value (index . 0) | trimSuffix "\n" -}}
{{- else -}}
{{- tpl (toYaml $value) (index . 0) -}}
{{- end -}}
{{- end -}}

{{/* Labels or annotations, as "sealed-secrets.render" has them. Fails for a text that is not a map. */}}
{{- define "sealed-secrets.renderMap" -}}
{{- $text := include "sealed-secrets.render" . -}}
{{- $error := ($text | fromYaml).Error | toString -}}
{{- if regexMatch "^error (converting YAML|unmarshaling JSON)" $error -}}
{{- fail (printf "labels or annotations are not a YAML map: %s" $error) -}}
{{- end -}}
{{- $text -}}
{{- end -}}

{{/*
An object's metadata, of a dict: the root, and optionally name, namespace ("" for a cluster-scoped object), labels and
annotations. Those of one object override those of all. `defaultLabels` can be overridden, `fixedLabels` cannot.
*/}}
{{- define "sealed-secrets.metadata" -}}
{{- $root := .root -}}
{{- $values := $root.Values -}}
{{- $namespace := include "sealed-secrets.namespace" $root -}}
{{- if hasKey . "namespace" -}}{{- $namespace = .namespace -}}{{- end -}}
name: {{ .name | default (include "sealed-secrets.fullname" $root) }}
{{- if $namespace }}
namespace: {{ $namespace }}
{{- end }}
{{- $common := include "sealed-secrets.renderMap" (list $root $values.commonLabels) | fromYaml }}
{{- $own := include "sealed-secrets.renderMap" (list $root .labels) | fromYaml }}
{{- $fixed := include "sealed-secrets.selectorLabels" $root | fromYaml }}
labels:
  {{- mergeOverwrite (include "sealed-secrets.labels" $root | fromYaml) (.defaultLabels | default dict) $common $own (.fixedLabels | default dict) $fixed | toYaml | nindent 2 }}
{{- $common = include "sealed-secrets.renderMap" (list $root $values.commonAnnotations) | fromYaml }}
{{- $own = include "sealed-secrets.renderMap" (list $root .annotations) | fromYaml }}
{{- with mergeOverwrite $common $own }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "sealed-secrets.image" -}}
{{- $image := .Values.image -}}
{{- with $image.registry }}{{ . }}/{{ end -}}
{{- $image.repository -}}
{{- if $image.digest -}}
@{{ $image.digest }}
{{- else -}}
:{{ default .Chart.AppVersion $image.tag }}
{{- end -}}
{{- end -}}

{{/* One probe of the container, of a list: root, its name in the values, and the path that it asks for. */}}
{{- define "sealed-secrets.probe" -}}
{{- $root := index . 0 -}}
{{- $name := index . 1 -}}
{{- $probe := index $root.Values $name -}}
{{- with index $root.Values (printf "custom%s" (title $name)) -}}
{{ $name }}:
  {{- include "sealed-secrets.render" (list $root .) | nindent 2 }}
{{- else -}}
{{- if $probe.enabled -}}
{{ $name }}:
  {{- omit $probe "enabled" | toYaml | nindent 2 }}
  httpGet:
    path: {{ index . 2 }}
    port: http
{{- end -}}
{{- end -}}
{{- end -}}

{{/*
The container's resources: the user's where there is any entry; nothing for null; else the defaults. They are not in
values.yaml, because helm would add them to the user's: a limit here could be less than a request there.
*/}}
{{- define "sealed-secrets.resources" -}}
{{- with .Values.resources -}}
{{- if or .limits .requests .claims -}}
{{- toYaml . -}}
{{- else -}}
limits:
  memory: 512Mi
requests:
  memory: 128Mi
{{- end -}}
{{- end -}}
{{- end -}}
