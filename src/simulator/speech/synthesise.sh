#!/usr/bin/env bash
# Makes the speech samples of the demo from Debian's flite (CMU voices, free to redistribute) and sox:
#   apt-get install flite sox && bash src/simulator/speech/synthesise.sh
set -euo pipefail
cd "$(dirname "$0")"

say() { # name voice text
  flite -voice "$2" -t "$3" -o "$1.tmp.wav"
  # 16 kHz mono, active speech near -20 dBm0, 40 ms fades so that no sample starts with a step.
  sox -q "$1.tmp.wav" -r 16000 -c 1 -b 16 "$1.wav" norm -9 fade t 0.04 -0 0.04
  rm "$1.tmp.wav"
}

say agent-greeting slt 'Thank you. That is forty two pounds and fifty pence. Please key your card number on your phone.'
say agent-expiry slt 'Thank you. Now the expiry date, two digits for the month and two for the year.'
say agent-code slt 'And the three digits on the back of the card.'
say agent-processing slt 'Thank you. I am taking the payment now.'
say agent-done slt 'The payment went through. Is there anything else I can help you with?'
say caller-ready rms 'Okay, just a moment, I have the card here in front of me.'
say caller-talking rms 'I can hardly read it without my glasses, the letters are so small.'
say caller-goodbye rms 'No, that was all. Thank you very much, and goodbye.'
