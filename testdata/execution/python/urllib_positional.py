import urllib.request
url = 'http://169.254.169.254/latest/meta-data/'
headers = {'User-Agent': 'Mozilla'}
request = urllib.request.Request(url + 'instance-id', None, headers)
print(urllib.request.urlopen(request).read())
request = urllib.request.Request(url + 'mac', headers=headers, method='GET')
response = urllib.request.urlopen(request, timeout=3)
print(response.getcode(), response.read().decode('utf-8'))
for p in ['ami-id', 'mac']:
    r = urllib.request.Request(f'{url}{p}')
    print(p, urllib.request.urlopen(r).read().decode())
def opener():
    o = urllib.request.build_opener()
    urllib.request.install_opener(o)
opener()
contents = urllib.request.urlopen("http://169.254.169.254/latest/meta-data/mac").readlines()
print(contents)
import urllib.parse
print(urllib.request.urlopen(urllib.parse.urljoin(url, "ami-id")).read())
