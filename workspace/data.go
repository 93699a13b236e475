package workspace

import (
	"path"
	"strings"

	sdk "github.com/databricks/databricks-sdk-go/service/workspace"
)

// binaries are suffixes of files that hold no code: the service hands out one
// file a request, and these are many.
var binaries = suffixSet(`.png .jpg .jpeg .gif .webp .ico .bmp .tif .tiff .pdf .mp3 .mp4 .wav .avi .mov
	.parquet .avro .orc .feather .arrow .h5 .hdf5 .npy .npz .pkl .pickle .joblib .onnx .pt .pth .safetensors .tflite
	.xls .xlsx .doc .docx .ppt .pptx .woff .woff2 .ttf .eot .so .dll .exe .o .a .class .pyc
	.gz .tgz .bz2 .xz .zst .7z .rar .tar`)

func suffixSet(list string) map[string]bool {
	out := map[string]bool{}
	for _, s := range strings.Fields(list) {
		out[s] = true
	}
	return out
}

// Data is why a file is not read, empty for one that can matter and for anything
// else.
func (o *Object) Data() string {
	if ext := strings.ToLower(path.Ext(o.Path)); o.Type == sdk.ObjectTypeFile && binaries[ext] {
		return "not read: a " + ext + " file holds no code"
	}
	return ""
}
