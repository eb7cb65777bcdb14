#!/bin/sh
# The OpenAI SDKs for Python and JavaScript against a running service (docs/openai.md). What isn't installed is skipped.
#
#   src/test/clients/clients.sh http://127.0.0.1:8080
#
# In a folder with the packages, such as after
#
#   python3 -m venv sdk && . sdk/bin/activate && pip install openai && npm install openai
set -eu
here=$(cd "$(dirname "$0")" && pwd)
service=${1:-http://127.0.0.1:8080}
if command -v python3 >/dev/null; then
    python3 "$here/openai_python.py" "$service"
else
    echo "skipped: python3 isn't there"
fi
if command -v node >/dev/null; then
    node "$here/openai_javascript.mjs" "$service"
else
    echo "skipped: node isn't there"
fi
