module anthane/verify-assertion

go 1.19
