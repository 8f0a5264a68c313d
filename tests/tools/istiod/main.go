// istiod without a cluster: reads a mesh from standard input, and writes into a file what it refuses and what its proxies get.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/anypb"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"istio.io/istio/pilot/pkg/config/kube/crd"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/test/xds"
	"istio.io/istio/pkg/cluster"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/mesh"
	"istio.io/istio/pkg/config/mesh/meshwatcher"
	"istio.io/istio/pkg/config/schema/collections"
	"istio.io/istio/pkg/kube"
	"istio.io/istio/pkg/log"
	"istio.io/istio/pkg/network"
	"istio.io/istio/pkg/test"

	_ "istio.io/istio/pkg/config/xds" // every filter of Envoy, by name
)

type input struct {
	Cluster  cluster.ID                       `json:"cluster"`
	Mesh     json.RawMessage                  `json:"mesh"`
	Networks json.RawMessage                  `json:"networks"`
	Objects  map[cluster.ID][]json.RawMessage `json:"objects"`
	Proxies  map[string]proxy                 `json:"proxies"`
	// Whether the proxies ask after one more event that changes nothing.
	Later bool `json:"later"`
}

type proxy struct {
	Type      model.NodeType `json:"type"`
	Namespace string         `json:"namespace"`
	Address   string         `json:"address"`
	Account   string         `json:"account"`
	Cluster   cluster.ID     `json:"cluster"`
	Network   network.ID     `json:"network"`
	// The network whose endpoints alone a gateway between networks sees.
	View   string            `json:"view"`
	Labels map[string]string `json:"labels"`
}

type answer struct {
	// What validation says of an object: an error, or a warning.
	Refused map[string]string `json:"refused"`
	Warned  map[string]string `json:"warned"`
	Skipped []string          `json:"skipped"`
	Proxies map[string]*seen  `json:"proxies"`
}

type seen struct {
	Listeners []json.RawMessage `json:"listeners"`
	Routes    []json.RawMessage `json:"routes"`
	Clusters  []json.RawMessage `json:"clusters"`
	Endpoints []json.RawMessage `json:"endpoints"`
	// What Envoy would refuse.
	Invalid []string `json:"invalid"`
}

func main() {
	var in input
	if err := json.NewDecoder(os.Stdin).Decode(&in); err != nil {
		fail(err)
	}
	for _, scope := range log.Scopes() {
		scope.SetOutputLevel(log.ErrorLevel)
	}
	out := answer{Refused: map[string]string{}, Warned: map[string]string{}, Proxies: map[string]*seen{}}
	err := test.Wrap(func(t test.Failer) { serve(t, in, &out) })
	if err != nil {
		fail(err)
	}
	// Standard output has what istiod logs.
	text, err := json.Marshal(out)
	if err == nil {
		err = os.WriteFile(os.Args[1], text, 0o644)
	}
	if err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func serve(t test.Failer, in input, out *answer) {
	settings, err := mesh.ApplyMeshConfigDefaults(string(in.Mesh))
	if err != nil {
		t.Fatal(err)
	}
	networks, err := mesh.ParseMeshNetworks(fmt.Sprintf(`{"networks": %s}`, in.Networks))
	if err != nil {
		t.Fatal(err)
	}
	objects := map[cluster.ID][]runtime.Object{}
	var configs []config.Config
	for id, texts := range in.Objects {
		objects[id] = []runtime.Object{}
		for _, text := range texts {
			object, config := read(text, out)
			if object != nil {
				objects[id] = append(objects[id], object)
			}
			// istiod reads what configures it from its own cluster alone.
			if config != nil && id == in.Cluster {
				configs = append(configs, *config)
			}
		}
	}
	server := xds.NewFakeDiscoveryServer(t, xds.FakeOptions{
		DefaultClusterName:         in.Cluster,
		KubernetesObjectsByCluster: objects,
		Configs:                    configs,
		MeshConfig:                 settings,
		NetworksWatcher:            meshwatcher.NewFixedNetworksWatcher(networks),
	})
	if in.Later {
		// Any event of a registry, such as a gateway that is applied again as it is.
		server.MemRegistry.NotifyGatewayHandlers()
	}
	server.EnsureSynced(t)
	for name, it := range in.Proxies {
		var view []string
		if it.View != "" {
			view = []string{it.View}
		}
		node := server.SetupProxy(&model.Proxy{
			Type:            it.Type,
			ID:              strings.TrimPrefix(name, it.Namespace+"/") + "." + it.Namespace,
			ConfigNamespace: it.Namespace,
			IPAddresses:     []string{it.Address},
			Labels:          it.Labels,
			Metadata: &model.NodeMetadata{
				IstioVersion: "1.30.3", Namespace: it.Namespace, ServiceAccount: it.Account, Labels: it.Labels,
				ClusterID: it.Cluster, Network: it.Network, RequestedNetworkView: view, DNSCapture: true, DNSAutoAllocate: true,
			},
		})
		got := &seen{}
		for _, one := range server.Listeners(node) {
			got.Listeners = append(got.Listeners, got.show(one))
		}
		for _, one := range server.Routes(node) {
			got.Routes = append(got.Routes, got.show(one))
		}
		for _, one := range server.Clusters(node) {
			got.Clusters = append(got.Clusters, got.show(one))
		}
		for _, one := range server.Endpoints(node) {
			got.Endpoints = append(got.Endpoints, got.show(one))
		}
		out.Proxies[name] = got
	}
}

// read answers an object of Kubernetes and, if it configures istiod, what it says.
func read(text json.RawMessage, out *answer) (runtime.Object, *config.Config) {
	object, kind, err := kube.IstioCodec.UniversalDeserializer().Decode(text, nil, nil)
	if err != nil {
		var of struct {
			Kind string `json:"kind"`
		}
		_ = json.Unmarshal(text, &of)
		out.Skipped = append(out.Skipped, of.Kind)
		return nil, nil
	}
	schema, ok := collections.Pilot.FindByGroupVersionAliasesKind(config.FromKubernetesGVK(*kind))
	if !ok {
		return object, nil
	}
	var raw crd.IstioKind
	if err := yaml.Unmarshal(text, &raw); err != nil {
		out.Refused[kind.Kind] = err.Error()
		return nil, nil
	}
	name := fmt.Sprintf("%s %s/%s", kind.Kind, raw.Namespace, raw.Name)
	strict := func() error {
		spec, err := schema.NewInstance()
		if err != nil {
			return err
		}
		return config.ApplyJSONStrict(spec, string(raw.Spec))
	}
	if err := strict(); err != nil {
		out.Refused[name] = err.Error()
	}
	converted, err := crd.ConvertObject(schema, &raw, "cluster.local")
	if err != nil {
		out.Refused[name] = err.Error()
		return nil, nil
	}
	warning, err := schema.ValidateConfig(*converted)
	if err != nil {
		out.Refused[name] = err.Error()
	}
	if warning != nil {
		out.Warned[name] = warning.Error()
	}
	if converted.CreationTimestamp.IsZero() {
		converted.CreationTimestamp = time.Unix(0, 0)
	}
	return object, converted
}

func (s *seen) show(message proto.Message) json.RawMessage {
	s.validate(message)
	text, err := protojson.Marshal(message)
	if err != nil {
		s.Invalid = append(s.Invalid, err.Error())
		return json.RawMessage("null")
	}
	return text
}

// validate asks a message what it refuses, and those within it.
func (s *seen) validate(message proto.Message) {
	if it, ok := message.(interface{ ValidateAll() error }); ok {
		if err := it.ValidateAll(); err != nil {
			s.Invalid = append(s.Invalid, strings.TrimSpace(err.Error()))
		}
	}
	s.inner(message)
}

func (s *seen) inner(message proto.Message) {
	if packed, ok := message.(*anypb.Any); ok {
		within, err := packed.UnmarshalNew()
		if err != nil {
			s.Invalid = append(s.Invalid, err.Error())
			return
		}
		s.validate(within)
		return
	}
	message.ProtoReflect().Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		switch {
		case field.IsMap():
			if field.MapValue().Message() != nil {
				value.Map().Range(func(_ protoreflect.MapKey, it protoreflect.Value) bool {
					s.inner(it.Message().Interface())
					return true
				})
			}
		case field.Message() == nil:
		case field.IsList():
			for idx := range value.List().Len() {
				s.inner(value.List().Get(idx).Message().Interface())
			}
		default:
			s.inner(value.Message().Interface())
		}
		return true
	})
}
