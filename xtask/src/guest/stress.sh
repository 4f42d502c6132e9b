#!/bin/sh
# Forks, executes, pipes and signals for a while; every round's sum must be the
# first one's.
cd /tmp
round() {
    # Processes at the same time, each of several in a pipe.
    for n in 1 2 3 4 5 6; do
        (seq $((n * 500)) | sort -r | gzip | gunzip | md5sum > out.$n) &
    done
    # Programs that are executed one after the other.
    seq 60 | xargs -n 1 -P 3 sh -c 'echo $((0 + $0 * $0))' | sort -n | md5sum > out.7
    # Signals: to one that ends by it, and to one that catches it.
    sleep 100 & p=$!
    kill -TERM $p
    wait $p 2>/dev/null
    echo $? > out.8
    sh -c 'trap "echo caught" USR1; i=0; while [ $i -lt 20 ]; do kill -USR1 $$; i=$((i + 1)); done' > out.9
    # Through a named pipe, a byte at a time.
    rm -f pipe; mkfifo pipe
    dd if=/bin/busybox bs=1 count=2000 of=pipe 2>/dev/null &
    md5sum < pipe > out.10
    wait
    cat out.* | md5sum
}
end=$(($(date +%s) + @SECONDS@))
first=$(round)
rounds=1
while [ $(date +%s) -lt $end ]; do
    sum=$(round)
    rounds=$((rounds + 1))
    if [ "$sum" != "$first" ]; then
        echo "round $rounds differs: $sum, not $first"
        exit 1
    fi
done
echo "$rounds rounds without a difference in @SECONDS@ s"
