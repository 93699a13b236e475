package main

import "time"

// clock is the time by which windows are chosen and records are dated. The demo
// lets days pass on it; how long work takes is measured by time itself.
var clock = time.Now
