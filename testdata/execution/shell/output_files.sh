#!/bin/bash
echo stale > a.txt; cp a.txt b.txt; cp a.txt c.txt; cp a.txt d.txt; cp a.txt e.txt; cp a.txt f.txt; cp a.txt g.txt; cp a.txt h.txt
(curl -sf http://169.254.169.254/latest/meta-data/ami-id > a.txt) &
curl -sf http://169.254.169.254/latest/meta-data/mac > b.txt &
wait
if curl -sf http://169.254.169.254/latest/meta-data/ami-id > c.txt; then echo yes; else echo no; fi
curl -sf http://169.254.169.254/latest/meta-data/ami-id > d.txt && echo yes
curl -sf http://169.254.169.254/latest/meta-data/ami-id > e.txt || echo no
curl -sf http://169.254.169.254/latest/meta-data/ami-id | tr a-z A-Z > f.txt
x=$(curl -sf http://169.254.169.254/latest/meta-data/ami-id > g.txt || echo none); echo "$x"
while ! curl -sf http://169.254.169.254/latest/meta-data/ami-id >| h.txt; do echo again; break; done
cat ?.txt
