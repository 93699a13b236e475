# needs: requests
import enum, requests
class Kind(enum.Enum):
    A = requests.get("http://169.254.169.254/latest/meta-data/mac", timeout=None).text
    B = requests.get("http://169.254.169.254/latest/meta-data/ami-id", timeout=2).status_code
print([k.name for k in Kind], Kind.A.value)
class Plain:
    a = requests.get("http://169.254.169.254/latest/meta-data/mac").text
print(Plain.a)
