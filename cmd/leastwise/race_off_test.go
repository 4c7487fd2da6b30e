//go:build !race

package main

// raceDetector tells scripts that nothing takes longer than it does.
const raceDetector = false
