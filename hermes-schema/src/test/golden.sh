#!/bin/sh
# Makes the golden encodings again with the encoder of the protoc on the PATH. Needs a compiled hermes-schema, because it
# reads the descriptor set: a protoc older than 22 does not know debug_redact and refuses the .proto files.
set -eu
cd "$(dirname "$0")"
for text in resources/golden/*.textproto; do
  message=$(sed -n 's/^# proto-message: //p' "$text")
  protoc --descriptor_set_in=../../target/classes/META-INF/hermes/hermes-schema.binpb --deterministic_output \
    --encode="$message" hermes/events/v1/user_event.proto hermes/events/v1/order_events.proto hermes/events/v1/payment_event.proto \
    <"$text" >"${text%.textproto}.binpb"
done
protoc --version
