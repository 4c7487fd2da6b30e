//go:build !race

package policies

// raceDetector tells tests that nothing takes longer than it does.
const raceDetector = false
