{{/* Renders "--NAME=VALUE" as an item of a list, from a list of name and value. Renders nothing if the value is empty. */}}
{{- define "sealed-secrets.flag" -}}
{{- $value := index . 1 -}}
{{- if and (kindIs "float64" $value) (eq (float64 (int64 $value)) $value) -}}{{- $value = int64 $value -}}{{- end -}}
{{- if include "sealed-secrets.given" $value }}
- {{ printf "--%s=%s" (index . 0) (toString $value) | quote }}
{{- end -}}
{{- end -}}

{{/* A map as "NAME=VALUE,NAME=VALUE". */}}
{{- define "sealed-secrets.pairs" -}}
{{- $pairs := list -}}
{{- range $name, $value := . -}}{{- $pairs = append $pairs (printf "%s=%s" $name $value) -}}{{- end -}}
{{- join "," $pairs -}}
{{- end -}}

{{/* The milliseconds of a duration such as "1m30s". */}}
{{- define "sealed-secrets.milliseconds" -}}
{{- $units := dict "ns" 0.000001 "us" 0.001 "µs" 0.001 "ms" 1.0 "s" 1000.0 "m" 60000.0 "h" 3600000.0 -}}
{{- $sum := 0.0 -}}
{{- range regexFindAll "[0-9.]+(ns|us|µs|ms|s|m|h)" (toString .) -1 -}}
{{- $unit := regexFind "[a-zµ]+$" . -}}
{{- $sum = addf $sum (mulf (trimSuffix $unit . | float64) (index $units $unit)) -}}
{{- end -}}
{{- $sum -}}
{{- end -}}

{{/* Fails for a timing of the election that the controller refuses, of the values of the election. */}}
{{- define "sealed-secrets.checkElection" -}}
{{- $lease := .leaseDuration | default "15s" -}}
{{- $renew := .renewDeadline | default "10s" -}}
{{- $retry := .retryPeriod | default "2s" -}}
{{- $renewTime := include "sealed-secrets.milliseconds" $renew | float64 -}}
{{- if le (include "sealed-secrets.milliseconds" $lease | float64) $renewTime -}}
{{- fail (printf "leaderElection.leaseDuration (%s) must be longer than leaderElection.renewDeadline (%s)" $lease $renew) -}}
{{- end -}}
{{- $retryTime := include "sealed-secrets.milliseconds" $retry | float64 -}}
{{- if le $retryTime 0.0 -}}
{{- fail "leaderElection.retryPeriod must be more than 0" -}}
{{- end -}}
{{- if le $renewTime (mulf 1.2 $retryTime) -}}
{{- fail (printf "leaderElection.renewDeadline (%s) must be more than 1.2 times leaderElection.retryPeriod (%s)" $renew $retry) -}}
{{- end -}}
{{- end -}}

{{/* The name of the key record; empty: none. Null means the default, as for every value. */}}
{{- define "sealed-secrets.keyRecord" -}}
{{- kindIs "invalid" .Values.keyRecord | ternary "sealed-secrets-keys" .Values.keyRecord -}}
{{- end -}}

{{/* The controller's flags: only what the values say, so that the controller's own defaults hold for the rest. */}}
{{- define "sealed-secrets.args" -}}
{{- $values := .Values -}}
{{- include "sealed-secrets.flag" (list "key-prefix" $values.secretName) -}}
{{- include "sealed-secrets.flag" (list "key-renew-period" $values.keyrenewperiod) -}}
{{- include "sealed-secrets.flag" (list "key-ttl" $values.keyttl) -}}
{{- include "sealed-secrets.flag" (list "key-cutoff-time" $values.keycutofftime) -}}
{{- include "sealed-secrets.flag" (list "privatekey-annotations" (include "sealed-secrets.pairs" $values.privateKeyAnnotations)) -}}
{{- include "sealed-secrets.flag" (list "privatekey-labels" (include "sealed-secrets.pairs" $values.privateKeyLabels)) -}}
{{- $record := include "sealed-secrets.keyRecord" . -}}
{{- if ne $record "sealed-secrets-keys" }}
- {{ printf "--key-record=%s" $record | quote }}
{{- end -}}
{{- include "sealed-secrets.flag" (list "additional-namespaces" (join "," $values.additionalNamespaces)) -}}
{{- include "sealed-secrets.flag" (list "skip-recreate" (empty $values.skipRecreate | ternary "" "true")) -}}
{{- include "sealed-secrets.flag" (list "show-api-messages" (empty $values.showApiMessages | ternary "" "true")) -}}
{{- include "sealed-secrets.flag" (list "strict-templates" (empty $values.strictTemplates | ternary "" "true")) -}}
{{- include "sealed-secrets.flag" (list "watch-for-secrets" (empty $values.watchForSecrets | ternary "" "true")) -}}
{{- include "sealed-secrets.flag" (list "log-info-stdout" (empty $values.logInfoStdout | ternary "" "true")) -}}
{{- include "sealed-secrets.flag" (list "log-level" $values.logLevel) -}}
{{- include "sealed-secrets.flag" (list "log-format" $values.logFormat) -}}
{{- include "sealed-secrets.flag" (list "max-unseal-retries" $values.maxRetries) -}}
{{- include "sealed-secrets.flag" (list "rate-limit" $values.rateLimit) -}}
{{- include "sealed-secrets.flag" (list "rate-limit-burst" $values.rateLimitBurst) -}}
{{- include "sealed-secrets.flag" (list "web-ui" (empty $values.webUi.enabled | ternary "" "true")) -}}
{{- include "sealed-secrets.flag" (list "kubeclient-qps" $values.kubeClientQPS) -}}
{{- include "sealed-secrets.flag" (list "kubeclient-burst" $values.kubeClientBurst) -}}
{{- $election := $values.leaderElection | default dict -}}
{{- include "sealed-secrets.checkElection" $election -}}
{{- include "sealed-secrets.flag" (list "leader-elect-lease-duration" $election.leaseDuration) -}}
{{- include "sealed-secrets.flag" (list "leader-elect-renew-deadline" $election.renewDeadline) -}}
{{- include "sealed-secrets.flag" (list "leader-elect-retry-period" $election.retryPeriod) -}}
{{- $lease := include "sealed-secrets.leaseName" . -}}
{{- include "sealed-secrets.flag" (list "leader-elect-resource-name" (eq $lease "sealed-secrets-controller" | ternary "" $lease)) -}}
{{- if ne (int $values.containerPorts.http) 8080 -}}
{{- include "sealed-secrets.flag" (list "listen-addr" (printf ":%d" (int $values.containerPorts.http))) -}}
{{- end -}}
{{- if ne (int $values.containerPorts.metrics) 8081 -}}
{{- include "sealed-secrets.flag" (list "listen-metrics-addr" (printf ":%d" (int $values.containerPorts.metrics))) -}}
{{- end -}}
{{- include "sealed-secrets.flag" (list "metrics-omit-secret-labels" (empty $values.metrics.omitSecretLabels | ternary "" "true")) -}}
{{- range $values.extraArgs }}
- {{ . | quote }}
{{- end -}}
{{- end -}}
