#!/usr/bin/env bash
# Draws what the service dashboard shows of one stretch of time, from the data of a running Prometheus, as docs/observability.md has it.
#   monitoring/picture.sh START END FILE.svg        START and END in seconds since 1970; PROMETHEUS=http://localhost:9090
# Needs curl, jq and gnuplot (Debian: gnuplot-nox).
set -euo pipefail

if [ $# != 3 ]; then
  sed -n '2,4s/^# *//p' "${BASH_SOURCE[0]}" >&2
  exit 2
fi
start=$1
end=$2
file=$3
prometheus=${PROMETHEUS:-http://localhost:9090}
data=$(mktemp -d)
trap 'rm -rf "$data"' EXIT

# One row for each sample: seconds since START, value.
query() {
  curl -fsS "$prometheus/api/v1/query_range" --data-urlencode "query=$2" -d "start=$start" -d "end=$end" -d step=2 \
    | jq -r --argjson start "$start" '.data.result[0].values // [] | .[] | [.[0] - $start, .[1]] | @tsv' >"$data/$1"
  [ -s "$data/$1" ] || { echo "picture.sh: no data for $2" >&2; exit 1; }
}

query published 'sum(rate(hermes_publish_seconds_count{outcome="acknowledged"}[10s]))'
query handled 'sum(rate(hermes_subscriber_handled_records_total[10s]))'
query flight 'sum(hermes_publisher_in_flight_records)'
query lag 'sum(hermes_subscriber_lag_records)'
query age 'max(hermes_subscriber_lag_age_seconds)'
query publishers 'sum(hermes_publisher_healthy == bool 0)'
query subscribers 'sum(hermes_subscriber_healthy == bool 0)'

gnuplot <<PLOT
set terminal svg size 900,760 dynamic font 'sans-serif,13' background 'white'
set output '$file'
set multiplot layout 4,1 spacing 0,0.07 margins 0.08,0.94,0.06,0.95
set grid lc rgb '#dddddd'
set key top left opaque
set style data lines
set xrange [0:$((end - start))]
set yrange [0:*]
set title 'Events published and records handled, per second' offset 0,-0.6
plot '$data/published' lw 2 lc rgb '#1f77b4' title 'published', '$data/handled' lw 2 dt 2 lc rgb '#ff7f0e' title 'handled'
set title 'Events in flight'
plot '$data/flight' lw 2 lc rgb '#1f77b4' title 'in flight'
set title 'Lag in records (left), and the age of that figure in seconds (right)'
set ytics nomirror
set y2tics
set y2range [0:*]
plot '$data/lag' lw 2 lc rgb '#d62728' title 'lag', '$data/age' axes x1y2 lw 2 dt 2 lc rgb '#7f7f7f' title 'age'
unset y2tics
set ytics mirror
set title 'Unhealthy publishers and subscribers'
set yrange [0:2]
set ytics 1
set xlabel 'seconds'
plot '$data/publishers' with steps lw 2 lc rgb '#1f77b4' title 'publishers', '$data/subscribers' with steps lw 2 dt 2 lc rgb '#ff7f0e' title 'subscribers'
PLOT
