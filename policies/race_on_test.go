//go:build race

package policies

// raceDetector tells tests that everything takes many times as long.
const raceDetector = true
