package emulator

type settings struct{ values map[string]*string }
type computeState struct{}
type storage struct{}
