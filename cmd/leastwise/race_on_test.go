//go:build race

package main

// raceDetector tells scripts that everything takes many times as long.
const raceDetector = true
