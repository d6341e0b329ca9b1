import os
import sys

print(sys.argv[1:])
print({name: value for name, value in sorted(os.environ.items()) if name.startswith(("AML_PARAMETER", "AZUREML_DATAREFERENCE"))})
for number, word in enumerate(sys.argv):
    if word.startswith("--out="):
        with open(word[6:], "w") as file:
            file.write("told")
    if word == "--in":
        path = sys.argv[number + 1]
        print("IN", os.listdir(path) if os.path.isdir(path) else open(path).read())
