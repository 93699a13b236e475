package apply

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/databricks/databricks-sdk-go/apierr"
	"github.com/databricks/databricks-sdk-go/service/iam"
	sdk "github.com/databricks/databricks-sdk-go/service/workspace"
	"github.com/imdsscan/imdsscan/workspace"
	"github.com/imdsscan/imdsscan/workspace/journal"
	"github.com/imdsscan/imdsscan/workspace/plan"
)

// place is where objects of one kind live.
type place interface {
	// stat is what the object is, without its permissions.
	stat(ctx context.Context, o *plan.Object) (journal.Identity, error)
	read(ctx context.Context, o *plan.Object, is journal.Identity) ([]byte, error)
	// settled waits until the object takes a change, and says why it does not.
	settled(ctx context.Context, o *plan.Object) (waited bool, err error)
	// write sends content once.
	write(ctx context.Context, o *plan.Object, is journal.Identity, content []byte) error
	// permissions are in a form that can be compared.
	permissions(ctx context.Context, o *plan.Object, is journal.Identity) (string, error)
	// archive is a second copy that holds more than read gives; nil where
	// there is none.
	archive(ctx context.Context, o *plan.Object, is journal.Identity) ([]byte, error)
	// scratch is an object of the tree like this one, for a probe; nil where
	// none can be made.
	scratch(o *plan.Object, id string) *plan.Object
}

// tree is the tree of notebooks and files.
type tree struct {
	c    *workspace.Client
	user string
}

func treePath(name string) string { return strings.TrimPrefix(name, workspace.Scheme) }

func (t *tree) stat(ctx context.Context, o *plan.Object) (journal.Identity, error) {
	s, err := t.c.Stat(ctx, treePath(o.Name))
	if err != nil {
		return journal.Identity{}, err
	}
	return journal.Identity{ID: strconv.FormatInt(s.ID, 10), Type: string(s.Type), Format: string(s.Format),
		Language: string(s.Language), ModifiedAt: s.ModifiedAt}, nil
}

func object(o *plan.Object, is journal.Identity) *workspace.Object {
	id, _ := strconv.ParseInt(is.ID, 10, 64)
	return &workspace.Object{Path: treePath(o.Name), ID: id, Type: sdk.ObjectType(is.Type), Format: sdk.ExportFormat(is.Format),
		Language: sdk.Language(cmp.Or(o.Language, is.Language))}
}

func (t *tree) read(ctx context.Context, o *plan.Object, is journal.Identity) ([]byte, error) {
	return t.c.Read(ctx, object(o, is))
}

func (t *tree) write(ctx context.Context, o *plan.Object, is journal.Identity, content []byte) error {
	return t.c.Write(ctx, object(o, is), content)
}

func (t *tree) permissions(ctx context.Context, o *plan.Object, is journal.Identity) (string, error) {
	kind := "files"
	if is.Type == string(sdk.ObjectTypeNotebook) {
		kind = "notebooks"
	}
	return permissions(ctx, t.c, o.Name, kind, is.ID)
}

// permissions are the rules of who may do what with a thing, inherited ones too,
// in a form that can be compared.
func permissions(ctx context.Context, c *workspace.Client, name, kind, id string) (string, error) {
	p, err := iam.NewPermissions(c.API).Get(ctx, iam.GetPermissionRequest{RequestObjectType: kind, RequestObjectId: id})
	if err != nil {
		return "", c.Explain(name, err)
	}
	var lines []string
	for _, who := range p.AccessControlList {
		for _, may := range who.AllPermissions {
			from := slices.Clone(may.InheritedFromObject)
			slices.Sort(from)
			line, err := json.Marshal([]any{who.UserName, who.GroupName, who.ServicePrincipalName, may.PermissionLevel, may.Inherited, from})
			if err != nil {
				return "", err
			}
			lines = append(lines, string(line))
		}
	}
	slices.Sort(lines)
	return "[" + strings.Join(lines, ",") + "]", nil
}

func (t *tree) settled(context.Context, *plan.Object) (bool, error) { return false, nil }

func (t *tree) archive(ctx context.Context, o *plan.Object, is journal.Identity) ([]byte, error) {
	if is.Type != string(sdk.ObjectTypeNotebook) {
		return nil, nil
	}
	b, err := t.c.Archive(ctx, treePath(o.Name))
	if err == nil && len(b) == 0 {
		err = errors.New("the service gave an empty one")
	}
	return b, err
}

// scratch lies in the user's own folder: there nobody else's eyes fall on it,
// and the rules of the object's folder do not matter.
func (t *tree) scratch(o *plan.Object, id string) *plan.Object {
	s := *o
	base := path.Base(o.Name)
	if len(base) > 100 { // names have a limit; the end holds the suffix
		base = base[len(base)-100:]
	}
	s.Name = fmt.Sprintf("%s/Users/%s/imdsscan-probe-%s-%s", workspace.Scheme, t.user, id, strings.ToValidUTF8(base, ""))
	return &s
}

// remove deletes a scratch object.
func (t *tree) remove(ctx context.Context, name string) error {
	err := sdk.NewWorkspace(t.c.API).Delete(ctx, sdk.Delete{Path: treePath(name)})
	if errors.Is(err, apierr.ErrNotFound) {
		return nil
	}
	return t.c.Explain(name, err)
}
