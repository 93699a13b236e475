# needs: requests
import dataclasses, requests
@dataclasses.dataclass
class Md:
    base: str = "http://169.254.169.254/latest/meta-data"
    timeout: float = 2
    def get(self, key: str) -> str:
        return requests.get(f"{self.base}/{key}", timeout=self.timeout).text
    @classmethod
    def mac(cls): return cls().get("mac")
    @staticmethod
    def ami():
        return requests.get("http://169.254.169.254/latest/meta-data/ami-id", timeout=2).text
print(Md().get("instance-id"), Md.mac(), Md.ami())
