import urllib.request as ur
match 1:
    case 1:
        print(ur.urlopen("http://169.254.169.254/latest/meta-data/mac").read())
    case _:
        pass
