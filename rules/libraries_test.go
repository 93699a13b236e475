package rules

import "testing"

func TestLibraries(t *testing.T) {
	if _, err := loadLibraries(); err != nil {
		t.Fatal(err)
	}
	if l := GetLibrary("boto"); l == nil || !l.NeverIMDSv2 {
		t.Errorf("boto: %+v", l)
	}
	if l := GetLibrary("boto3"); l != nil {
		t.Errorf("boto3 is not boto, and can use tokens: %+v", l)
	}
	const utils = "com.amazonaws.util.EC2MetadataUtils"
	if l := LibraryOfClass(utils, Asks); l == nil || l.NeverIMDSv2 || l.Floor() == nil {
		t.Errorf("%s: %+v", utils, l)
	}
	if l := LibraryOfClass(utils, MakesClient); l != nil {
		t.Errorf("no object of %s asks: %+v", utils, l)
	}
}
