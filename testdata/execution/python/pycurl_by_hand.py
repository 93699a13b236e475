# needs: pycurl
# expect: unfixed a pycurl handle keeps its options; the fix is shown, not made
import io, pycurl
b = io.BytesIO()
c = pycurl.Curl()
c.setopt(c.URL, "http://169.254.169.254/latest/meta-data/mac")
c.setopt(c.WRITEDATA, b)
c.perform()
c.close()
print(b.getvalue().decode())
